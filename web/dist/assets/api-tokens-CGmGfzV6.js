import{$ as e,A as t,C as n,F as r,H as i,I as a,J as o,L as s,O as c,R as l,S as u,Tt as d,X as f,Z as p,b as m,q as h,tt as g,x as _}from"./shared-Bsbl8N4a.js";import{E as v,K as y,L as b,N as x,T as S,V as C,Vr as w,a as T,b as E,dr as D,h as O,i as k,ir as A,k as j,w as ee,z as te,zr as M}from"./index-BYJYKF1t.js";import{n as N,t as P}from"./use-refreshing-CNGBM9xa.js";import{t as F}from"./key-round-u3eXdWE0.js";var I=w(M(),1),L={families:`_families_s0z6u_1`,family:`_family_s0z6u_7`,scopes:`_scopes_s0z6u_21`,expiry:`_expiry_s0z6u_27`,muted:`_muted_s0z6u_33`,name:`_name_s0z6u_37`,note:`_note_s0z6u_42`,badges:`_badges_s0z6u_48`,ends:`_ends_s0z6u_54`},R=864e5,z=[{id:`7`,name:`7 days`},{id:`30`,name:`30 days`},{id:`90`,name:`90 days`},{id:`365`,name:`1 year`},{id:`date`,name:`Until a date…`},{id:`never`,name:`Never ends`,description:`Only for what cannot be given a new token.`}];function B(e,t,n){switch(e){case`never`:return null;case`date`:return new Date(`${t}T23:59:59`).toISOString();default:return new Date(n+Number(e)*R).toISOString()}}function V(e,t){if(e===null)return`good`;let n=Date.parse(e)-t;return n<=0?`ended`:n<7*R?`ending`:`good`}var H=e(`
  mutation CreateApiToken($input: CreateApiTokenInput!) {
    createApiToken(input: $input) {
      secret
      apiToken {
        id
        ...ApiTokenRow
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),U=e(`
  mutation RevokeApiToken($input: RevokeApiTokenInput!) {
    revokeApiToken(input: $input) {
      revokedApiTokenId
      userErrors {
        code
        message
        path
      }
    }
  }
`),W=[{name:`Organization`,scopes:[{scope:`org:read`,description:`See the organization, its settings and its teams.`},{scope:`org:write`,description:`Change settings and teams, and read the audit log.`},{scope:`org:admin`,description:`Single sign-on, API tokens, webhooks, and the deletion of the organization.`},{scope:`org:integrations`,description:`Manage what the organization is connected with.`},{scope:`org:ci`,description:`What builds and releases need, and no more.`}]},{name:`Members`,scopes:[{scope:`member:read`,description:`See members, their addresses and roles, and invites.`},{scope:`member:invite`,description:`Invite people.`},{scope:`member:write`,description:`Invite people, and decide on requests.`},{scope:`member:admin`,description:`Change roles, remove members, withdraw invites.`}]},{name:`Teams`,scopes:[{scope:`team:read`,description:`See teams and who is in them.`},{scope:`team:write`,description:`Create and change teams, and put members into them.`},{scope:`team:admin`,description:`Delete teams.`}]},{name:`Projects`,scopes:[{scope:`project:read`,description:`See projects.`},{scope:`project:write`,description:`Change projects.`},{scope:`project:admin`,description:`Create and delete projects.`},{scope:`project:releases`,description:`Publish releases.`}]},{name:`Events`,scopes:[{scope:`event:read`,description:`See events and issues.`},{scope:`event:write`,description:`Change issues.`},{scope:`event:admin`,description:`Delete events and issues.`}]},{name:`Alerts`,scopes:[{scope:`alerts:read`,description:`See alerts.`},{scope:`alerts:write`,description:`Create and change alerts.`}]}],G={"org:admin":[`org:write`,`org:integrations`],"org:write":[`org:read`],"member:admin":[`member:write`,`member:invite`],"member:write":[`member:read`,`member:invite`],"member:invite":[`member:read`],"team:admin":[`team:write`],"team:write":[`team:read`],"project:admin":[`project:write`],"project:write":[`project:read`],"event:admin":[`event:write`],"event:write":[`event:read`],"alerts:write":[`alerts:read`]};function K(e){let t=new Map;for(let n of e){let e=[...G[n]??[]];for(let r=e.shift();r!==void 0;r=e.shift())t.has(r)||t.set(r,n),e.push(...G[r]??[])}return t}function q(e){let t=K(e);return e.filter(e=>!t.has(e))}function ne(e){let t=W.map(({name:t,scopes:n})=>({name:t,scopes:n.filter(({scope:t})=>e.includes(t))})),n=new Set(W.flatMap(({scopes:e})=>e.map(({scope:e})=>e))),r=e.filter(e=>!n.has(e));return[...t,{name:`More`,scopes:r.map(e=>({scope:e,description:``}))}].filter(({scopes:e})=>e.length>0)}var J=D();function Y({offered:e,chosen:t,onChange:n}){let r=K(t);function i(e,r){n(r?[...t,e]:t.filter(t=>t!==e))}return(0,J.jsx)(`div`,{className:L.families,children:ne(e).map(({name:e,scopes:n})=>(0,J.jsxs)(`fieldset`,{className:L.family,children:[(0,J.jsx)(`legend`,{children:e}),n.map(({scope:e,description:n})=>{let a=r.get(e);return(0,J.jsx)(u,{label:(0,J.jsx)(`code`,{children:e}),description:a?`${n} Comes with ${a}.`:n,isSelected:a!==void 0||t.includes(e),isDisabled:a!==void 0,onChange:t=>i(e,t)},e)})]},e))})}function X({isOpen:e,onClose:t}){let[n,r]=(0,I.useState)(null);function i(){r(null),t()}return(0,J.jsx)(k,{isWide:!0,title:n===null?`Create an API token`:`Your new API token`,isOpen:e,isDismissable:n===null,onClose:i,children:n===null?(0,J.jsx)(re,{onCreated:r,onClose:i}):(0,J.jsx)(N,{label:`Secret of the API token`,secret:n,onDone:i,children:`Put it where your app keeps its secrets. Whoever has it can do what the token may do. If it gets lost, revoke this token and make another.`})})}var Z=E({name:j(),scopes:S(O(j()),v()),lifetime:ee(z.map(({id:e})=>e)),date:j()});function re({onCreated:e,onClose:r}){let a=t(),[s,l]=c(`api-token.${a.id}`,Z,{name:``,scopes:[],lifetime:`90`,date:``}),{name:u,scopes:d,lifetime:p,date:m}=s,g=e=>l({...s,...e}),[_,v]=(0,I.useState)(),{run:b,isRunning:S}=f(H);async function C(){let t=await b({input:{organizationId:a.id,name:u,scopes:q(d),expiresAt:B(p,m,Date.now())}});v(o(t,[`name`,`scopes`,`expiresAt`])),t.kind===`ok`&&t.payload.secret&&e(t.payload.secret)}return(0,J.jsxs)(h,{errors:_,onSubmit:C,children:[(0,J.jsx)(i,{label:`Name`,description:`What it is for, so that somebody else knows later whether it is still needed.`,name:`name`,value:u,onChange:e=>g({name:e}),isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,J.jsxs)(`div`,{className:L.expiry,children:[(0,J.jsx)(n,{label:`Good for`,name:p===`date`?`lifetime`:`expiresAt`,options:z,value:p,onChange:e=>g({lifetime:e})}),p===`date`&&(0,J.jsx)(i,{label:`Last day`,name:`expiresAt`,type:`date`,value:m,onChange:e=>g({date:e}),isRequired:!0})]}),(0,J.jsxs)(`div`,{className:L.scopes,children:[(0,J.jsx)(`h3`,{children:`What it may do`}),(0,J.jsx)(`p`,{className:L.muted,children:`As little as the app needs. You can give what you may do yourself. The token belongs to the organization: it stays good when you leave.`}),_?.fields.scopes&&(0,J.jsx)(x,{tone:`danger`,children:_.fields.scopes.map(e=>(0,J.jsx)(`p`,{children:e},e))}),(0,J.jsx)(Y,{offered:a.viewerScopes,chosen:d,onChange:e=>g({scopes:e})})]}),(0,J.jsxs)(T,{children:[(0,J.jsx)(y,{onPress:r,children:`Cancel`}),(0,J.jsx)(y,{type:`submit`,variant:`primary`,isPending:S,isDisabled:d.length===0,children:`Create`})]})]})}function ie({token:e,hasEnded:t,onClose:n}){let{run:i,isRunning:a}=f(U),[s,c]=(0,I.useState)();function l(){c(void 0),n()}async function u(){if(!e)return;let r=await i({input:{apiTokenId:e.id}});c(o(r,[])),r.kind===`ok`&&(C(t?`${e.name} is off the list.`:`${e.name} is revoked.`),n())}return(0,J.jsx)(r,{title:e?`${t?`Remove`:`Revoke`} ${e.name}?`:``,action:t?`Remove`:`Revoke`,isOpen:e!==null,isPending:a,errors:s,onConfirm:u,onClose:l,children:t?`It has ended and is refused already. It goes off this list.`:`Its secret is refused from now on. Whatever uses it stops working until it has another. This cannot be taken back.`})}var ae=e(`
  fragment ApiTokenRow on ApiToken {
    id
    name
    prefix
    scopes
    createdAt
    expiresAt
    lastUsedAt
    createdBy {
      id
      name
    }
  }
`),oe=e(`
  query ApiTokens($slug: String!, $after: String) {
    organization(slug: $slug) {
      id
      apiTokens(first: 50, after: $after) {
        totalCount
        nodes {
          id
          ...ApiTokenRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`),se=e=>e.organization?.apiTokens;function Q({onCreate:e}){let{slug:n}=t(),r=(0,I.useCallback)(e=>({slug:n,after:e}),[n]),i=_({query:oe,variables:r,connection:se,requestPolicy:`cache-and-network`});P(i.refresh);let[o,s]=(0,I.useState)(null);if(i.isFirstLoad)return(0,J.jsx)(b,{count:4});if(i.failure&&i.rows.length===0)return(0,J.jsx)(te,{failure:i.failure,onRetry:i.retry});if(i.rows.length===0)return(0,J.jsx)(A,{icon:(0,J.jsx)(F,{size:28}),title:`There are no API tokens yet`,actions:(0,J.jsx)(y,{variant:`primary`,onPress:e,children:`Create a token`}),children:`An app that talks to the API sends a token. It can do what you say, in this organization only.`});let c=g(ae,i.rows),l=c.filter(e=>$(e)),u=[...ce,{name:`Revoke`,isNameHidden:!0,isAtEnd:!0,cell:e=>(0,J.jsx)(y,{size:`small`,"aria-label":`${$(e)?`Remove`:`Revoke`} ${e.name}`,onPress:()=>s(e),children:$(e)?`Remove`:`Revoke`})}];return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(m,{label:`API tokens`,columns:u,rows:[...c.filter(e=>!l.includes(e)),...l],rowKey:({id:e})=>e}),(0,J.jsx)(a,{hasMore:i.hasMore,isLoading:i.isLoading,onLoadMore:i.loadMore}),(0,J.jsx)(ie,{token:o,hasEnded:o!==null&&$(o),onClose:()=>s(null)})]})}function $({expiresAt:e}){return V(e,Date.now())===`ended`}var ce=[{name:`Token`,cell:e=>(0,J.jsx)(le,{token:e})},{name:`May do`,cell:({scopes:e})=>(0,J.jsx)(ue,{scopes:e})},{name:`Last used`,cell:({lastUsedAt:e})=>(0,J.jsx)(`span`,{className:L.muted,children:e?(0,J.jsx)(p,{at:e}):`Never`})},{name:`Ends`,cell:({expiresAt:e})=>(0,J.jsx)(de,{at:e})}];function le({token:e}){return(0,J.jsxs)(`span`,{children:[(0,J.jsx)(`span`,{className:L.name,children:e.name}),(0,J.jsxs)(`span`,{className:L.note,children:[(0,J.jsxs)(`code`,{children:[e.prefix,`…`]}),` · made `,(0,J.jsx)(p,{at:e.createdAt}),e.createdBy&&` by ${e.createdBy.name}`]})]})}function ue({scopes:e}){return(0,J.jsx)(`span`,{className:L.badges,children:e.map(e=>(0,J.jsx)(s,{children:e},e))})}function de({at:e}){let t=V(e,Date.now());return e===null?(0,J.jsx)(`span`,{className:L.muted,children:`Never`}):t===`ended`?(0,J.jsxs)(`span`,{className:L.ends,children:[(0,J.jsx)(s,{tone:`danger`,children:`Ended`}),(0,J.jsx)(`span`,{className:L.muted,children:(0,J.jsx)(p,{at:e})})]}):t===`ending`?(0,J.jsx)(s,{tone:`warning`,children:(0,J.jsx)(p,{at:e})}):(0,J.jsx)(`span`,{className:L.muted,children:(0,J.jsx)(p,{at:e})})}function fe(){let{can:e}=t(),[n,r]=(0,I.useState)(!1);return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsx)(l,{title:`API tokens`,lead:`Credentials of apps. They belong to the organization, and end when you say so, not when people leave.`,actions:e(`org:admin`)&&(0,J.jsxs)(y,{variant:`primary`,onPress:()=>r(!0),children:[(0,J.jsx)(d,{size:16,"aria-hidden":`true`}),`Create a token`]})}),(0,J.jsx)(Q,{onCreate:()=>r(!0)}),(0,J.jsx)(X,{isOpen:n,onClose:()=>r(!1)})]})}export{fe as Component};