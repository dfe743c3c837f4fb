import{$ as e,A as t,Et as n,F as r,H as i,I as a,J as o,L as s,O as c,P as l,R as u,S as d,Tt as f,X as p,Y as m,Z as h,b as ee,f as te,p as ne,q as g,tt as _,u as re,x as v,z as y}from"./shared-Bsbl8N4a.js";import{B as b,E as ie,K as x,L as S,Lr as C,N as ae,Or as oe,T as w,V as T,Vr as E,a as D,b as O,br as k,dr as se,h as ce,hr as le,i as A,ir as j,k as M,lr as ue,s as de,v as fe,w as N,yr as P,z as F,zr as I}from"./index-BYJYKF1t.js";import{n as L,t as R}from"./use-refreshing-CNGBM9xa.js";import{t as z}from"./radio-group-Dwfsb1Nf.js";import{t as B}from"./webhook-DGZcVVSB.js";var V={name:`refresh-cw`,size:24,node:[[`path`,{d:`M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8`,key:`v9h5vc`}],[`path`,{d:`M21 3v5h-5`,key:`1q7to0`}],[`path`,{d:`M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16`,key:`3uifl3`}],[`path`,{d:`M8 16H3v5`,key:`1cv678`}]]};V.node;var pe=ue(V),H=E(I(),1),me=e(`
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
`),U=e(`
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
`),he=e(`
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
`),ge=e(`
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
`),_e=e(`
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
`),ve={MEMBER_UPDATED:`A member joined or changed.`,MEMBER_REMOVED:`A member is not listed any more.`,INVITE_UPDATED:`An invite or request came, changed or went.`,TEAM_UPDATED:`A team came or changed.`,TEAM_DELETED:`A team is gone.`,TEAM_MEMBERSHIP_UPDATED:`Somebody's place in a team came, changed or went.`,ORGANIZATION_UPDATED:`The organization, its settings, picture or single sign-on changed.`,ORGANIZATION_DELETED:`The organization is gone: the last that a webhook is told.`};function W(e){let t=e.lastIndexOf(`_`);return`${e.slice(0,t)}.${e.slice(t+1)}`.toLowerCase()}var G=[`MEMBER_UPDATED`,`MEMBER_REMOVED`,`INVITE_UPDATED`,`TEAM_UPDATED`,`TEAM_DELETED`,`TEAM_MEMBERSHIP_UPDATED`,`ORGANIZATION_UPDATED`,`ORGANIZATION_DELETED`],K={part:`_part_1dzyu_1`,names:`_names_1dzyu_9`,name:`_name_1dzyu_9`,url:`_url_1dzyu_24`,muted:`_muted_1dzyu_31`,state:`_state_1dzyu_35`,badges:`_badges_1dzyu_42`,types:`_types_1dzyu_48`,actions:`_actions_1dzyu_54`,deliveries:`_deliveries_1dzyu_60`,delivery:`_delivery_1dzyu_65`,what:`_what_1dzyu_74`,how:`_how_1dzyu_81`,error:`_error_1dzyu_82`,docs:`_docs_1dzyu_93`},q=se(),ye=O({url:M(),description:M(),eventTypes:fe(w(ce(N(G)),ie()))}),J=[`url`,`description`,`eventTypes`];function Y({name:e,initial:t,action:n,errors:r,isPending:a,onSubmit:o,onCancel:s}){let[l,u]=c(e,ye,t),f=e=>u({...l,...e}),p=l.eventTypes;return(0,q.jsxs)(g,{errors:r,onSubmit:()=>o(l),children:[(0,q.jsx)(i,{label:`URL`,description:`A server in the public internet. It begins with https://.`,name:`url`,type:`url`,inputMode:`url`,value:l.url,onChange:e=>f({url:e}),isRequired:!0,maxLength:2048,isMonospaced:!0,autoFocus:!0,autoComplete:`off`,placeholder:`https://example.com/hooks/roster`}),(0,q.jsx)(i,{label:`What it is for`,name:`description`,value:l.description,onChange:e=>f({description:e}),maxLength:200,autoComplete:`off`}),(0,q.jsx)(z,{label:`What it is told`,options:[{id:`all`,name:`Everything`,description:`Also types that come with later versions.`},{id:`some`,name:`Some types of events`}],value:p===null?`all`:`some`,onChange:e=>f({eventTypes:e===`all`?null:[]})}),p!==null&&(0,q.jsx)(`div`,{className:K.types,children:G.map(e=>(0,q.jsx)(d,{label:(0,q.jsx)(`code`,{children:W(e)}),description:ve[e],isSelected:p.includes(e),onChange:t=>f({eventTypes:t?[...p,e]:p.filter(t=>t!==e)})},e))}),r?.fields.eventTypes&&(0,q.jsx)(ae,{tone:`danger`,children:r.fields.eventTypes.map(e=>(0,q.jsx)(`p`,{children:e},e))}),(0,q.jsxs)(D,{children:[(0,q.jsx)(x,{onPress:s,children:`Cancel`}),(0,q.jsx)(x,{type:`submit`,variant:`primary`,isPending:a,isDisabled:p?.length===0,children:n})]})]})}var be={url:``,description:``,eventTypes:null};function xe({isOpen:e,onClose:n}){let r=t(),[i,a]=(0,H.useState)(null),[s,c]=(0,H.useState)(),{run:l,isRunning:u}=p(me);function d(){a(null),c(void 0),n()}async function f({url:e,description:t,eventTypes:n}){let i=await l({input:{organizationId:r.id,url:e.trim(),description:t.trim()||null,eventTypes:n&&[...n]}});c(o(i,J)),i.kind===`ok`&&a(i.payload.secret)}return(0,q.jsx)(A,{isWide:!0,title:i===null?`Create a webhook`:`The secret of your webhook`,isOpen:e,isDismissable:i===null,onClose:d,children:i===null?(0,q.jsx)(Y,{name:`webhook.${r.id}`,initial:be,action:`Create`,errors:s,isPending:u,onSubmit:f,onCancel:d}):(0,q.jsx)(L,{label:`Secret of the webhook`,secret:i,onDone:d,children:`Give it to the server that is called: with it, the server checks that a call is ours. If it gets lost, make a new one.`})})}function X({webhook:e,isOpen:t,onClose:n,onDeleted:i}){let{run:a,isRunning:s}=p(he),[c,l]=(0,H.useState)();async function u(){let t=await a({input:{webhookId:e.id}});l(o(t,[])),t.kind===`ok`&&(T(`The webhook is deleted.`),i())}return(0,q.jsxs)(r,{title:`Delete the webhook?`,action:`Delete`,isOpen:t,isPending:s,errors:c,onConfirm:u,onClose:n,children:[new URL(e.url).host,` is not called any more, also not for what still waits. The record of deliveries goes with it. This cannot be taken back; to stop for a while, disable it.`]})}function Se(e,t,n){(0,H.useEffect)(()=>{if(!n)return;let r=setInterval(()=>{document.hidden||e()},t);return()=>clearInterval(r)},[e,t,n])}var Ce=e(`
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
`),Z=e(`
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
`),we=({node:e})=>e&&`deliveries`in e?e.deliveries:null,Te=[{id:`ALL`,name:`All`},{id:`PENDING`,name:`Waiting`},{id:`DELIVERED`,name:`Delivered`},{id:`FAILED`,name:`Given up`}],Ee=5e3;function De({webhookId:e}){let[t,r]=(0,H.useState)(`ALL`),i=P(),o=(0,H.useCallback)(n=>({id:e,after:n,status:t===`ALL`?null:t}),[e,t]),s=v({query:Z,variables:o,connection:we,requestPolicy:`cache-and-network`}),c=_(Ce,s.rows),l=(0,H.useCallback)(()=>{i.query(Z,o(null),{requestPolicy:`network-only`}).toPromise()},[i,o]);return R(l),Se(l,Ee,c.some(({status:e})=>e===`PENDING`)),(0,q.jsx)(te,{title:`Deliveries`,actions:(0,q.jsx)(de,{label:`Look again`,size:`small`,onPress:l,children:(0,q.jsx)(pe,{size:16,"aria-hidden":`true`})}),children:(0,q.jsxs)(`div`,{className:K.part,children:[(0,q.jsx)(`div`,{children:(0,q.jsx)(y,{label:`Which deliveries`,options:Te,value:t,onChange:r})}),s.isFirstLoad?(0,q.jsx)(S,{count:3}):s.failure&&c.length===0?(0,q.jsx)(F,{failure:s.failure,onRetry:s.retry}):c.length===0?(0,q.jsx)(j,{icon:(0,q.jsx)(n,{size:28}),title:`No deliveries`,children:t===`ALL`?`What happens from now on is sent, and is seen here for a month.`:`There are none of this kind.`}):(0,q.jsx)(`ul`,{className:K.deliveries,children:c.map(e=>(0,q.jsx)(ke,{delivery:e},e.id))}),(0,q.jsx)(a,{hasMore:s.hasMore,isLoading:s.isLoading,onLoadMore:s.loadMore})]})})}var Oe={PENDING:{tone:`info`,name:`Waiting`},DELIVERED:{tone:`success`,name:`Delivered`},FAILED:{tone:`danger`,name:`Given up`}};function ke({delivery:e}){let{run:t,isRunning:n}=p(_e),{tone:r,name:i}=Oe[e.status];async function a(){let n=await t({input:{deliveryId:e.id}});if(n.kind!==`ok`)return b(m(n));T(`It is sent again now.`)}return(0,q.jsxs)(`li`,{className:K.delivery,children:[(0,q.jsxs)(`span`,{className:K.what,children:[(0,q.jsx)(`code`,{children:W(e.eventType)}),(0,q.jsx)(s,{tone:r,children:i})]}),(0,q.jsx)(x,{size:`small`,isPending:n,onPress:a,"aria-label":`Send again: ${W(e.eventType)}`,children:`Send again`}),(0,q.jsxs)(`span`,{className:K.how,children:[(0,q.jsx)(h,{at:e.createdAt}),` · `,Ae(e.attempts),e.error===null&&e.responseStatus!==null&&` · answered ${e.responseStatus}`,e.nextAttemptAt&&e.attempts>0&&(0,q.jsxs)(q.Fragment,{children:[` · next try `,(0,q.jsx)(h,{at:e.nextAttemptAt})]})]}),e.error&&(0,q.jsx)(`span`,{className:K.error,children:e.error})]})}function Ae(e){return e===0?`not tried yet`:e===1?`tried once`:`tried ${e} times`}function je({webhook:e,isOpen:t,onClose:n}){let[r,i]=(0,H.useState)(),{run:a,isRunning:s}=p(U);function c(){i(void 0),n()}async function l({url:t,description:r,eventTypes:s}){let c=await a({input:{webhookId:e.id,url:t.trim(),description:r.trim()||null,eventTypes:s&&[...s]}});i(o(c,J)),c.kind===`ok`&&(T(`The webhook is changed.`),n())}return(0,q.jsx)(A,{isWide:!0,title:`Change the webhook`,isOpen:t,onClose:c,children:(0,q.jsx)(Y,{name:`webhook.${e.id}`,initial:{url:e.url,description:e.description??``,eventTypes:e.eventTypes},action:`Save`,errors:r,isPending:s,onSubmit:l,onCancel:c})})}function Me({webhookId:e,isOpen:t,onClose:n}){let[r,i]=(0,H.useState)(!0),[a,s]=(0,H.useState)(null),[c,l]=(0,H.useState)(),{run:u,isRunning:d}=p(ge);function f(){s(null),l(void 0),i(!0),n()}async function m(){let t=await u({input:{webhookId:e,isOldKept:r}});l(o(t,[])),t.kind===`ok`&&s(t.payload.secret)}return(0,q.jsx)(A,{title:a===null?`Make a new secret?`:`The new secret`,isOpen:t,isDismissable:a===null,onClose:f,children:a===null?(0,q.jsxs)(g,{errors:c,onSubmit:m,children:[(0,q.jsx)(z,{label:`The secret that counts now`,options:[{id:`kept`,name:`Keeps signing for a while`,description:`Calls have a signature of each, so that your server has time to change.`},{id:`ended`,name:`Ends at once`,description:`When somebody has it who must not. Your server refuses calls until it has the new one.`}],value:r?`kept`:`ended`,onChange:e=>i(e===`kept`)}),(0,q.jsxs)(D,{children:[(0,q.jsx)(x,{onPress:f,children:`Cancel`}),(0,q.jsx)(x,{type:`submit`,variant:r?`primary`:`danger`,isPending:d,children:`Make a new secret`})]})]}):(0,q.jsx)(L,{label:`New secret of the webhook`,secret:a,onDone:f,children:r?`Give it to your server before the old one ends.`:`Give it to your server now: the old one has ended.`})})}var Q=e(`
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
`);function $({webhook:e}){let{isEnabled:t,disabledReason:n,disabledAt:r,failingSince:i}=e;return t?i?(0,q.jsxs)(`span`,{className:K.state,children:[(0,q.jsx)(s,{tone:`warning`,children:`Failing`}),(0,q.jsxs)(`span`,{className:K.muted,children:[`since `,(0,q.jsx)(h,{at:i})]})]}):(0,q.jsx)(s,{tone:`success`,children:`Enabled`}):(0,q.jsxs)(`span`,{className:K.state,children:[(0,q.jsx)(s,{tone:n===`REQUESTED`?void 0:`danger`,children:`Disabled`}),(0,q.jsxs)(`span`,{className:K.muted,children:[n&&Ne[n],r&&(0,q.jsxs)(q.Fragment,{children:[`, `,(0,q.jsx)(h,{at:r})]})]})]})}var Ne={REQUESTED:`switched off`,GONE:`its server answered 410: it is gone`,FAILING:`every delivery had failed for days`},Pe=e(`
  query WebhookInDrawer($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Webhook {
        ...WebhookRow
      }
    }
  }
`);function Fe({id:e,onClose:t}){return(0,q.jsx)(ne,{title:`Webhook`,isOpen:e!==null,onClose:t,children:e!==null&&(0,q.jsx)(Ie,{id:e,onClose:t},e)})}function Ie({id:e,onClose:t}){let[{data:n,error:r},i]=k({query:Pe,variables:{id:e}}),a=n?.node;return n?a?.__typename===`Webhook`?(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(Le,{webhook:_(Q,a),onDeleted:t}),(0,q.jsx)(De,{webhookId:e})]}):(0,q.jsx)(j,{title:`There is no such webhook`,children:`Perhaps somebody has deleted it.`}):r?(0,q.jsx)(F,{failure:le(r),onRetry:i}):(0,q.jsx)(S,{count:4})}function Le({webhook:e,onDeleted:t}){let[n,r]=(0,H.useState)(null),{run:i}=p(U),a=()=>r(null);async function o(t){let n=await i({input:{webhookId:e.id,isEnabled:t}});n.kind!==`ok`&&b(m(n))}return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(l,{facts:[[`URL`,(0,q.jsx)(`code`,{children:e.url},`url`)],[`For`,e.description],[`Told of`,(0,q.jsx)(Re,{webhook:e},`types`)],[`State`,(0,q.jsx)($,{webhook:e},`state`)],[`Old secret`,e.previousSecretExpiresAt&&(0,q.jsxs)(q.Fragment,{children:[`signs, too; ends `,(0,q.jsx)(h,{at:e.previousSecretExpiresAt})]})],[`Made`,(0,q.jsxs)(`span`,{children:[(0,q.jsx)(h,{at:e.createdAt}),e.createdBy&&` by ${e.createdBy.name}`]},`made`)]]}),(0,q.jsx)(re,{label:`Enabled`,description:`What happens while it is disabled, it is never told.`,isSelected:e.isEnabled,onChange:o}),(0,q.jsxs)(`div`,{className:K.actions,children:[(0,q.jsx)(x,{onPress:()=>r(`edit`),children:`Change`}),(0,q.jsx)(x,{onPress:()=>r(`rotate`),children:`New secret`}),(0,q.jsx)(x,{onPress:()=>r(`delete`),children:`Delete`})]}),(0,q.jsx)(je,{webhook:e,isOpen:n===`edit`,onClose:a}),(0,q.jsx)(Me,{webhookId:e.id,isOpen:n===`rotate`,onClose:a}),(0,q.jsx)(X,{webhook:e,isOpen:n===`delete`,onClose:a,onDeleted:t})]})}function Re({webhook:{eventTypes:e}}){return e===null?`Everything`:(0,q.jsx)(`span`,{className:K.badges,children:e.map(e=>(0,q.jsx)(s,{children:W(e)},e))})}var ze=e(`
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
`),Be=e=>e.organization?.webhooks;function Ve({onCreate:e}){let{slug:n}=t(),r=(0,H.useCallback)(e=>({slug:n,after:e}),[n]),i=v({query:ze,variables:r,connection:Be,requestPolicy:`cache-and-network`});return R(i.refresh),i.isFirstLoad?(0,q.jsx)(S,{count:3}):i.failure&&i.rows.length===0?(0,q.jsx)(F,{failure:i.failure,onRetry:i.retry}):i.rows.length===0?(0,q.jsx)(j,{icon:(0,q.jsx)(B,{size:28}),title:`There are no webhooks yet`,actions:(0,q.jsx)(x,{variant:`primary`,onPress:e,children:`Create a webhook`}),children:`A webhook is a server of yours that is told what happens here: members who come and go, teams that change.`}):(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(ee,{label:`Webhooks`,columns:He,rows:_(Q,i.rows),rowKey:({id:e})=>e}),(0,q.jsx)(a,{hasMore:i.hasMore,isLoading:i.isLoading,onLoadMore:i.loadMore})]})}var He=[{name:`Webhook`,cell:e=>(0,q.jsx)(Ue,{webhook:e})},{name:`Told of`,cell:e=>(0,q.jsx)(We,{webhook:e})},{name:`State`,cell:e=>(0,q.jsx)($,{webhook:e})}];function Ue({webhook:e}){let[t]=C(),n=new URLSearchParams(t);return n.set(`webhook`,e.id),(0,q.jsxs)(`span`,{className:K.names,children:[(0,q.jsx)(oe,{to:{search:n.toString()},className:K.name,children:e.description??new URL(e.url).host}),(0,q.jsx)(`span`,{className:K.url,children:e.url})]})}function We({webhook:{eventTypes:e}}){if(e===null)return`Everything`;let[t,...n]=e.map(W);return(0,q.jsxs)(`span`,{title:e.map(W).join(`, `),children:[(0,q.jsx)(`code`,{children:t}),n.length>0&&(0,q.jsxs)(`span`,{className:K.muted,children:[` and `,n.length,` more`]})]})}function Ge(){let{can:e}=t(),[n,r]=(0,H.useState)(!1),[i,a]=C();function o(){a(e=>{let t=new URLSearchParams(e);return t.delete(`webhook`),t})}return(0,q.jsxs)(q.Fragment,{children:[(0,q.jsx)(u,{title:`Webhooks`,lead:`Servers of yours that are told what happens here, by a POST request for each event.`,actions:e(`org:admin`)&&(0,q.jsxs)(x,{variant:`primary`,onPress:()=>r(!0),children:[(0,q.jsx)(f,{size:16,"aria-hidden":`true`}),`Create a webhook`]})}),(0,q.jsx)(Ve,{onCreate:()=>r(!0)}),(0,q.jsxs)(`p`,{className:K.docs,children:[`Anybody can call your URL, so check the signature: the header `,(0,q.jsx)(`code`,{children:`webhook-signature`}),` is an HMAC-SHA256 over the headers `,(0,q.jsx)(`code`,{children:`webhook-id`}),` and `,(0,q.jsx)(`code`,{children:`webhook-timestamp`}),` and the body, with the secret as the key. `,(0,q.jsx)(`code`,{children:`docs/webhooks.md`}),` has the whole of it, with an example.`]}),(0,q.jsx)(Fe,{id:i.get(`webhook`),onClose:o}),(0,q.jsx)(xe,{isOpen:n,onClose:()=>r(!1)})]})}export{Ge as Component};