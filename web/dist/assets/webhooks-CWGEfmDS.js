import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{t}from"./plus-BB0qEz8w.js";import{Bn as n,Fn as r,Ln as i,On as a,Vn as o,c as s,d as c,i as l,kn as u,m as d,n as f,o as p,t as m,u as h,wr as g}from"./dialog-CCpx6r1f.js";import{a as _,h as v}from"./loading-y-6WcaPu.js";import{n as y}from"./organization-DuSGXqLV.js";import{t as ee}from"./page-header-L0QUA8UG.js";import{i as b,n as x,r as S,t as C}from"./mutation-Ckl1SEfw.js";import{t as w}from"./secret-once-Ci_ro47S.js";import{t as te}from"./checkbox-_Cc6-O9G.js";import{t as T}from"./form-BXybd3IG.js";import{t as E}from"./fragment-masking-DSZC2_uz.js";import{t as D}from"./radio-group-BgGawyJB.js";import{t as O}from"./text-field-B9lpM1Yy.js";import{t as k}from"./badge-mEKoaDR5.js";import{t as A}from"./drawer-Ciy0AdyW.js";import{t as j}from"./error-state-DOX6461l.js";import{t as M}from"./facts-DYBkkCPR.js";import{t as N}from"./relative-time-B91wVu1_.js";import{n as ne,t as re}from"./switch-YYR4-gR2.js";import{t as ie}from"./confirm-dialog-D8gefk2X.js";import{t as ae}from"./inbox-CHAn3cOj.js";import{t as P}from"./connection-BjNUacgl.js";import{t as F}from"./load-more-CrJWmopg.js";import{t as oe}from"./segmented-DAaJ9jOB.js";import{t as se}from"./webhook-Be9wQMTI.js";import{t as ce}from"./table-B-NW4kwK.js";var I={name:`refresh-cw`,size:24,node:[[`path`,{d:`M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8`,key:`v9h5vc`}],[`path`,{d:`M21 3v5h-5`,key:`1q7to0`}],[`path`,{d:`M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16`,key:`3uifl3`}],[`path`,{d:`M8 16H3v5`,key:`1cv678`}]]};I.node;var L=r(I),R=e(g(),1),z=b(`
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      secret
      webhook {
        id
        ...WebhookRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),B=b(`
  mutation UpdateWebhook($input: UpdateWebhookInput!) {
    updateWebhook(input: $input) {
      webhook {
        id
        ...WebhookRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),V=b(`
  mutation DeleteWebhook($input: DeleteWebhookInput!) {
    deleteWebhook(input: $input) {
      deletedWebhookId
      userErrors {
        code
        message
        path
      }
    }
  }
`),H=b(`
  mutation RotateWebhookSecret($input: RotateWebhookSecretInput!) {
    rotateWebhookSecret(input: $input) {
      secret
      webhook {
        id
        ...WebhookRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),U=b(`
  mutation RedeliverWebhook($input: RedeliverWebhookInput!) {
    redeliverWebhook(input: $input) {
      delivery {
        id
        ...WebhookDeliveryRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),W={MEMBER_UPDATED:`A member joined or changed.`,MEMBER_REMOVED:`A member is not listed any more.`,INVITE_UPDATED:`An invite or request came, changed or went.`,TEAM_UPDATED:`A team came or changed.`,TEAM_DELETED:`A team is gone.`,TEAM_MEMBERSHIP_UPDATED:`Somebody's place in a team came, changed or went.`,ORGANIZATION_UPDATED:`The organization, its settings, picture or single sign-on changed.`,ORGANIZATION_DELETED:`The organization is gone: the last that a webhook is told.`};function G(e){let t=e.lastIndexOf(`_`);return`${e.slice(0,t)}.${e.slice(t+1)}`.toLowerCase()}var le=[`MEMBER_UPDATED`,`MEMBER_REMOVED`,`INVITE_UPDATED`,`TEAM_UPDATED`,`TEAM_DELETED`,`TEAM_MEMBERSHIP_UPDATED`,`ORGANIZATION_UPDATED`,`ORGANIZATION_DELETED`],K={part:`_part_1dzyu_1`,names:`_names_1dzyu_9`,name:`_name_1dzyu_9`,url:`_url_1dzyu_24`,muted:`_muted_1dzyu_31`,state:`_state_1dzyu_35`,badges:`_badges_1dzyu_42`,types:`_types_1dzyu_48`,actions:`_actions_1dzyu_54`,deliveries:`_deliveries_1dzyu_60`,delivery:`_delivery_1dzyu_65`,what:`_what_1dzyu_74`,how:`_how_1dzyu_81`,error:`_error_1dzyu_82`,docs:`_docs_1dzyu_93`},q=u(),J=[`url`,`description`,`eventTypes`];function Y({initial:e,action:t,errors:n,isPending:r,onSubmit:i,onCancel:a}){let[o,s]=(0,R.useState)(e),c=e=>s({...o,...e}),l=o.eventTypes;return(0,q.jsxs)(T,{errors:n,onSubmit:()=>i(o),children:[(0,q.jsx)(O,{label:`URL`,description:`A server in the public internet. It begins with https://.`,name:`url`,type:`url`,inputMode:`url`,value:o.url,onChange:e=>c({url:e}),isRequired:!0,maxLength:2048,isMonospaced:!0,autoFocus:!0,autoComplete:`off`,placeholder:`https://example.com/hooks/roster`}),(0,q.jsx)(O,{label:`What it is for`,name:`description`,value:o.description,onChange:e=>c({description:e}),maxLength:200,autoComplete:`off`}),(0,q.jsx)(D,{label:`What it is told`,options:[{id:`all`,name:`Everything`,description:`Also types that come with later versions.`},{id:`some`,name:`Some types of events`}],value:l===null?`all`:`some`,onChange:e=>c({eventTypes:e===`all`?null:[]})}),l!==null&&(0,q.jsx)(`div`,{className:K.types,children:le.map(e=>(0,q.jsx)(te,{label:(0,q.jsx)(`code`,{children:G(e)}),description:W[e],isSelected:l.includes(e),onChange:t=>c({eventTypes:t?[...l,e]:l.filter(t=>t!==e)})},e))}),n?.fields.eventTypes&&(0,q.jsx)(p,{tone:`danger`,children:n.fields.eventTypes.map(e=>(0,q.jsx)(`p`,{children:e},e))}),(0,q.jsxs)(f,{children:[(0,q.jsx)(d,{onPress:a,children:`Cancel`}),(0,q.jsx)(d,{type:`submit`,variant:`primary`,isPending:r,isDisabled:l?.length===0,children:t})]})]})}var ue={url:``,description:``,eventTypes:null};function de({isOpen:e,onClose:t}){let n=y(),[r,i]=(0,R.useState)(null),[a,o]=(0,R.useState)(),{run:s,isRunning:c}=S(z);function l(){i(null),o(void 0),t()}async function u({url:e,description:t,eventTypes:r}){let a=await s({input:{organizationId:n.id,url:e.trim(),description:t.trim()||null,eventTypes:r&&[...r]}});o(C(a,J)),a.kind===`ok`&&i(a.payload.secret)}return(0,q.jsx)(m,{isWide:!0,title:r===null?`Create a webhook`:`The secret of your webhook`,isOpen:e,isDismissable:r===null,onClose:l,children:r===null?(0,q.jsx)(Y,{initial:ue,action:`Create`,errors:a,isPending:c,onSubmit:u,onCancel:l}):(0,q.jsx)(w,{label:`Secret of the webhook`,secret:r,onDone:l,children:`Give it to the server that is called: with it, the server checks that a call is ours. If it gets lost, make a new one.`})})}function fe({webhook:e,isOpen:t,onClose:n,onDeleted:r}){let{run:i,isRunning:a}=S(V),[o,s]=(0,R.useState)();async function l(){let t=await i({input:{webhookId:e.id}});s(C(t,[])),t.kind===`ok`&&(c(`The webhook is deleted.`),r())}return(0,q.jsxs)(ie,{title:`Delete the webhook?`,action:`Delete`,isOpen:t,isPending:a,errors:o,onConfirm:l,onClose:n,children:[new URL(e.url).host,` is not called any more, also not for what still waits. The record of deliveries goes with it. This cannot be taken back; to stop for a while, disable it.`]})}function pe(e,t,n){(0,R.useEffect)(()=>{if(!n)return;let r=setInterval(()=>{document.hidden||e()},t);return()=>clearInterval(r)},[e,t,n])}var me=b(`
  fragment WebhookDeliveryRow on WebhookDelivery {
    id
    attempts
    createdAt
    error
    eventType
    lastAttemptAt
    nextAttemptAt
    responseStatus
    status
  }
`),X=b(`
  query WebhookDeliveries($id: ID!, $after: String, $status: WebhookDeliveryStatus) {
    node(id: $id) {
      id
      ... on Webhook {
        failingSince
        isEnabled
        disabledAt
        disabledReason
        deliveries(first: 25, after: $after, status: $status) {
          nodes {
            id
            ...WebhookDeliveryRow
          }
          pageInfo {
            endCursor
            hasNextPage
          }
        }
      }
    }
  }
`),he=({node:e})=>e&&`deliveries`in e?e.deliveries:null,ge=[{id:`ALL`,name:`All`},{id:`PENDING`,name:`Waiting`},{id:`DELIVERED`,name:`Delivered`},{id:`FAILED`,name:`Given up`}],_e=5e3;function ve({webhookId:e}){let[t,r]=(0,R.useState)(`ALL`),i=n(),o=(0,R.useCallback)(n=>({id:e,after:n,status:t===`ALL`?null:t}),[e,t]),c=P({query:X,variables:o,connection:he,requestPolicy:`cache-and-network`}),u=E(me,c.rows),d=(0,R.useCallback)(()=>{i.query(X,o(null),{requestPolicy:`network-only`}).toPromise()},[i,o]);return pe(d,_e,u.some(({status:e})=>e===`PENDING`)),(0,q.jsx)(ne,{title:`Deliveries`,actions:(0,q.jsx)(l,{label:`Look again`,size:`small`,onPress:d,children:(0,q.jsx)(L,{size:16,"aria-hidden":`true`})}),children:(0,q.jsxs)(`div`,{className:K.part,children:[(0,q.jsx)(`div`,{children:(0,q.jsx)(oe,{label:`Which deliveries`,options:ge,value:t,onChange:r})}),c.isFirstLoad?(0,q.jsx)(s,{count:3}):c.failure&&u.length===0?(0,q.jsx)(j,{failure:c.failure,onRetry:c.retry}):u.length===0?(0,q.jsx)(a,{icon:(0,q.jsx)(ae,{size:28}),title:`No deliveries`,children:t===`ALL`?`What happens from now on is sent, and is seen here for a month.`:`There are none of this kind.`}):(0,q.jsx)(`ul`,{className:K.deliveries,children:u.map(e=>(0,q.jsx)(be,{delivery:e},e.id))}),(0,q.jsx)(F,{hasMore:c.hasMore,isLoading:c.isLoading,onLoadMore:c.loadMore})]})})}var ye={PENDING:{tone:`info`,name:`Waiting`},DELIVERED:{tone:`success`,name:`Delivered`},FAILED:{tone:`danger`,name:`Given up`}};function be({delivery:e}){let{run:t,isRunning:n}=S(U),{tone:r,name:i}=ye[e.status];async function a(){let n=await t({input:{deliveryId:e.id}});if(n.kind!==`ok`)return h(x(n));c(`It is sent again now.`)}return(0,q.jsxs)(`li`,{className:K.delivery,children:[(0,q.jsxs)(`span`,{className:K.what,children:[(0,q.jsx)(`code`,{children:G(e.eventType)}),(0,q.jsx)(k,{tone:r,children:i})]}),(0,q.jsx)(d,{size:`small`,isPending:n,onPress:a,"aria-label":`Send again: ${G(e.eventType)}`,children:`Send again`}),(0,q.jsxs)(`span`,{className:K.how,children:[(0,q.jsx)(N,{at:e.createdAt}),` · `,xe(e.attempts),e.error===null&&e.responseStatus!==null&&` · answered ${e.responseStatus}`,e.nextAttemptAt&&e.attempts>0&&(0,q.jsxs)(q.Fragment,{children:[` · next try `,(0,q.jsx)(N,{at:e.nextAttemptAt})]})]}),e.error&&(0,q.jsx)(`span`,{className:K.error,children:e.error})]})}function xe(e){return e===0?`not tried yet`:e===1?`tried once`:`tried ${e} times`}function Se({webhook:e,isOpen:t,onClose:n}){let[r,i]=(0,R.useState)(),{run:a,isRunning:o}=S(B);function s(){i(void 0),n()}async function l({url:t,description:r,eventTypes:o}){let s=await a({input:{webhookId:e.id,url:t.trim(),description:r.trim()||null,eventTypes:o&&[...o]}});i(C(s,J)),s.kind===`ok`&&(c(`The webhook is changed.`),n())}return(0,q.jsx)(m,{isWide:!0,title:`Change the webhook`,isOpen:t,onClose:s,children:(0,q.jsx)(Y,{initial:{url:e.url,description:e.description??``,eventTypes:e.eventTypes},action:`Save`,errors:r,isPending:o,onSubmit:l,onCancel:s})})}function Ce({webhookId:e,isOpen:t,onClose:n}){let[r,i]=(0,R.useState)(!0),[a,o]=(0,R.useState)(null),[s,c]=(0,R.useState)(),{run:l,isRunning:u}=S(H);function p(){o(null),c(void 0),i(!0),n()}async function h(){let t=await l({input:{webhookId:e,isOldKept:r}});c(C(t,[])),t.kind===`ok`&&o(t.payload.secret)}return(0,q.jsx)(m,{title:a===null?`Make a new secret?`:`The new secret`,isOpen:t,isDismissable:a===null,onClose:p,children:a===null?(0,q.jsxs)(T,{errors:s,onSubmit:h,children:[(0,q.jsx)(D,{label:`The secret that counts now`,options:[{id:`kept`,name:`Keeps signing for a while`,description:`Calls have a signature of each, so that your server has time to change.`},{id:`ended`,name:`Ends at once`,description:`When somebody has it who must not. Your server refuses calls until it has the new one.`}],value:r?`kept`:`ended`,onChange:e=>i(e===`kept`)}),(0,q.jsxs)(f,{children:[(0,q.jsx)(d,{onPress:p,children:`Cancel`}),(0,q.jsx)(d,{type:`submit`,variant:r?`primary`:`danger`,isPending:u,children:`Make a new secret`})]})]}):(0,q.jsx)(w,{label:`New secret of the webhook`,secret:a,onDone:p,children:r?`Give it to your server before the old one ends.`:`Give it to your server now: the old one has ended.`})})}var Z=b(`
  fragment WebhookRow on Webhook {
    id
    url
    description
    eventTypes
    isEnabled
    disabledAt
    disabledReason
    failingSince
    previousSecretExpiresAt
    createdAt
    createdBy {
      id
      name
    }
  }
`);function Q({webhook:e}){let{isEnabled:t,disabledReason:n,disabledAt:r,failingSince:i}=e;return t?i?(0,q.jsxs)(`span`,{className:K.state,children:[(0,q.jsx)(k,{tone:`warning`,children:`Failing`}),(0,q.jsxs)(`span`,{className:K.muted,children:[`since `,(0,q.jsx)(N,{at:i})]})]}):(0,q.jsx)(k,{tone:`success`,children:`Enabled`}):(0,q.jsxs)(`span`,{className:K.state,children:[(0,q.jsx)(k,{tone:n===`REQUESTED`?void 0:`danger`,children:`Disabled`}),(0,q.jsxs)(`span`,{className:K.muted,children:[n&&we[n],r&&(0,q.jsxs)(q.Fragment,{children:[`, `,(0,q.jsx)(N,{at:r})]})]})]})}var we={REQUESTED:`switched off`,GONE:`its server answered 410: it is gone`,FAILING:`every delivery had failed for days`},Te=b(`
  query WebhookInDrawer($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Webhook {
        ...WebhookRow
      }
    }
  }
`);function Ee({id:e,onClose:t}){return(0,q.jsx)(A,{title:`Webhook`,isOpen:e!==null,onClose:t,children:e!==null&&(0,q.jsx)(De,{id:e,onClose:t},e)})}function De({id:e,onClose:t}){let[{data:n,error:r},c]=o({query:Te,variables:{id:e}}),l=n?.node;return n?l?.__typename===`Webhook`?(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)($,{webhook:E(Z,l),onDeleted:t}),(0,q.jsx)(ve,{webhookId:e})]}):(0,q.jsx)(a,{title:`There is no such webhook`,children:`Perhaps somebody has deleted it.`}):r?(0,q.jsx)(j,{failure:i(r),onRetry:c}):(0,q.jsx)(s,{count:4})}function $({webhook:e,onDeleted:t}){let[n,r]=(0,R.useState)(null),{run:i}=S(B),a=()=>r(null);async function o(t){let n=await i({input:{webhookId:e.id,isEnabled:t}});n.kind!==`ok`&&h(x(n))}return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(M,{facts:[[`URL`,(0,q.jsx)(`code`,{children:e.url},`url`)],[`For`,e.description],[`Told of`,(0,q.jsx)(Oe,{webhook:e},`types`)],[`State`,(0,q.jsx)(Q,{webhook:e},`state`)],[`Old secret`,e.previousSecretExpiresAt&&(0,q.jsxs)(q.Fragment,{children:[`signs, too; ends `,(0,q.jsx)(N,{at:e.previousSecretExpiresAt})]})],[`Made`,(0,q.jsxs)(`span`,{children:[(0,q.jsx)(N,{at:e.createdAt}),e.createdBy&&` by ${e.createdBy.name}`]},`made`)]]}),(0,q.jsx)(re,{label:`Enabled`,description:`What happens while it is disabled, it is never told.`,isSelected:e.isEnabled,onChange:o}),(0,q.jsxs)(`div`,{className:K.actions,children:[(0,q.jsx)(d,{onPress:()=>r(`edit`),children:`Change`}),(0,q.jsx)(d,{onPress:()=>r(`rotate`),children:`New secret`}),(0,q.jsx)(d,{onPress:()=>r(`delete`),children:`Delete`})]}),(0,q.jsx)(Se,{webhook:e,isOpen:n===`edit`,onClose:a}),(0,q.jsx)(Ce,{webhookId:e.id,isOpen:n===`rotate`,onClose:a}),(0,q.jsx)(fe,{webhook:e,isOpen:n===`delete`,onClose:a,onDeleted:t})]})}function Oe({webhook:{eventTypes:e}}){return e===null?`Everything`:(0,q.jsx)(`span`,{className:K.badges,children:e.map(e=>(0,q.jsx)(k,{children:G(e)},e))})}var ke=b(`
  query Webhooks($slug: String!, $after: String) {
    organization(slug: $slug) {
      id
      webhooks(first: 50, after: $after) {
        totalCount
        nodes {
          id
          ...WebhookRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`),Ae=e=>e.organization?.webhooks;function je({onCreate:e}){let{slug:t}=y(),n=(0,R.useCallback)(e=>({slug:t,after:e}),[t]),r=P({query:ke,variables:n,connection:Ae,requestPolicy:`cache-and-network`});return r.isFirstLoad?(0,q.jsx)(s,{count:3}):r.failure&&r.rows.length===0?(0,q.jsx)(j,{failure:r.failure,onRetry:r.retry}):r.rows.length===0?(0,q.jsx)(a,{icon:(0,q.jsx)(se,{size:28}),title:`There are no webhooks yet`,actions:(0,q.jsx)(d,{variant:`primary`,onPress:e,children:`Create a webhook`}),children:`A webhook is a server of yours that is told what happens here: members who come and go, teams that change.`}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(ce,{label:`Webhooks`,columns:Me,rows:E(Z,r.rows),rowKey:({id:e})=>e}),(0,q.jsx)(F,{hasMore:r.hasMore,isLoading:r.isLoading,onLoadMore:r.loadMore})]})}var Me=[{name:`Webhook`,cell:e=>(0,q.jsx)(Ne,{webhook:e})},{name:`Told of`,cell:e=>(0,q.jsx)(Pe,{webhook:e})},{name:`State`,cell:e=>(0,q.jsx)(Q,{webhook:e})}];function Ne({webhook:e}){let[t]=v(),n=new URLSearchParams(t);return n.set(`webhook`,e.id),(0,q.jsxs)(`span`,{className:K.names,children:[(0,q.jsx)(_,{to:{search:n.toString()},className:K.name,children:e.description??new URL(e.url).host}),(0,q.jsx)(`span`,{className:K.url,children:e.url})]})}function Pe({webhook:{eventTypes:e}}){if(e===null)return`Everything`;let[t,...n]=e.map(G);return(0,q.jsxs)(`span`,{title:e.map(G).join(`, `),children:[(0,q.jsx)(`code`,{children:t}),n.length>0&&(0,q.jsxs)(`span`,{className:K.muted,children:[` and `,n.length,` more`]})]})}function Fe(){let{can:e}=y(),[n,r]=(0,R.useState)(!1),[i,a]=v();function o(){a(e=>{let t=new URLSearchParams(e);return t.delete(`webhook`),t})}return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(ee,{title:`Webhooks`,lead:`Servers of yours that are told what happens here, by a POST request for each event.`,actions:e(`org:admin`)&&(0,q.jsxs)(d,{variant:`primary`,onPress:()=>r(!0),children:[(0,q.jsx)(t,{size:16,"aria-hidden":`true`}),`Create a webhook`]})}),(0,q.jsx)(je,{onCreate:()=>r(!0)}),(0,q.jsxs)(`p`,{className:K.docs,children:[`Anybody can call your URL, so check the signature: the header `,(0,q.jsx)(`code`,{children:`webhook-signature`}),` is an HMAC-SHA256 over the headers `,(0,q.jsx)(`code`,{children:`webhook-id`}),` and `,(0,q.jsx)(`code`,{children:`webhook-timestamp`}),` and the body, with the secret as the key. `,(0,q.jsx)(`code`,{children:`docs/webhooks.md`}),` has the whole of it, with an example.`]}),(0,q.jsx)(Ee,{id:i.get(`webhook`),onClose:o}),(0,q.jsx)(de,{isOpen:n,onClose:()=>r(!1)})]})}export{Fe as Component};