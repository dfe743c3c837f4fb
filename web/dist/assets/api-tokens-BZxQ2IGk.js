import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{t}from"./plus-BB0qEz8w.js";import{On as n,c as r,d as i,kn as a,m as o,n as s,o as c,t as l,wr as u}from"./dialog-CCpx6r1f.js";import{n as d}from"./organization-DuSGXqLV.js";import{t as f}from"./page-header-L0QUA8UG.js";import{i as p,r as m,t as h}from"./mutation-Ckl1SEfw.js";import{t as g}from"./form-BXybd3IG.js";import{t as _}from"./secret-once-Ci_ro47S.js";import{t as v}from"./fragment-masking-DSZC2_uz.js";import{t as y}from"./select-CgOW004m.js";import{t as b}from"./text-field-B9lpM1Yy.js";import{t as x}from"./checkbox-_Cc6-O9G.js";import{t as S}from"./key-round-bBV8j7fG.js";import{t as C}from"./connection-BjNUacgl.js";import{t as w}from"./badge-mEKoaDR5.js";import{t as T}from"./error-state-DOX6461l.js";import{t as E}from"./load-more-CrJWmopg.js";import{t as D}from"./relative-time-B91wVu1_.js";import{t as O}from"./table-B-NW4kwK.js";import{t as k}from"./confirm-dialog-D8gefk2X.js";var A=e(u(),1),j={families:`_families_s0z6u_1`,family:`_family_s0z6u_7`,scopes:`_scopes_s0z6u_21`,expiry:`_expiry_s0z6u_27`,muted:`_muted_s0z6u_33`,name:`_name_s0z6u_37`,note:`_note_s0z6u_42`,badges:`_badges_s0z6u_48`,ends:`_ends_s0z6u_54`},M=864e5,N=[{id:`7`,name:`7 days`},{id:`30`,name:`30 days`},{id:`90`,name:`90 days`},{id:`365`,name:`1 year`},{id:`date`,name:`Until a date…`},{id:`never`,name:`Never ends`,description:`Only for what cannot be given a new token.`}];function P(e,t,n){switch(e){case`never`:return null;case`date`:return new Date(`${t}T23:59:59`).toISOString();default:return new Date(n+Number(e)*M).toISOString()}}function F(e,t){if(e===null)return`good`;let n=Date.parse(e)-t;return n<=0?`ended`:n<7*M?`ending`:`good`}var I=p(`
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
`),L=p(`
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
`),R=[{name:`Organization`,scopes:[{scope:`org:read`,description:`See the organization, its settings and its teams.`},{scope:`org:write`,description:`Change settings and teams, and read the audit log.`},{scope:`org:admin`,description:`Single sign-on, API tokens, webhooks, and the deletion of the organization.`},{scope:`org:integrations`,description:`Manage what the organization is connected with.`},{scope:`org:ci`,description:`What builds and releases need, and no more.`}]},{name:`Members`,scopes:[{scope:`member:read`,description:`See members, their addresses and roles, and invites.`},{scope:`member:invite`,description:`Invite people.`},{scope:`member:write`,description:`Invite people, and decide on requests.`},{scope:`member:admin`,description:`Change roles, remove members, withdraw invites.`}]},{name:`Teams`,scopes:[{scope:`team:read`,description:`See teams and who is in them.`},{scope:`team:write`,description:`Create and change teams, and put members into them.`},{scope:`team:admin`,description:`Delete teams.`}]},{name:`Projects`,scopes:[{scope:`project:read`,description:`See projects.`},{scope:`project:write`,description:`Change projects.`},{scope:`project:admin`,description:`Create and delete projects.`},{scope:`project:releases`,description:`Publish releases.`}]},{name:`Events`,scopes:[{scope:`event:read`,description:`See events and issues.`},{scope:`event:write`,description:`Change issues.`},{scope:`event:admin`,description:`Delete events and issues.`}]},{name:`Alerts`,scopes:[{scope:`alerts:read`,description:`See alerts.`},{scope:`alerts:write`,description:`Create and change alerts.`}]}],z={"org:admin":[`org:write`,`org:integrations`],"org:write":[`org:read`],"member:admin":[`member:write`,`member:invite`],"member:write":[`member:read`,`member:invite`],"member:invite":[`member:read`],"team:admin":[`team:write`],"team:write":[`team:read`],"project:admin":[`project:write`],"project:write":[`project:read`],"event:admin":[`event:write`],"event:write":[`event:read`],"alerts:write":[`alerts:read`]};function B(e){let t=new Map;for(let n of e){let e=[...z[n]??[]];for(let r=e.shift();r!==void 0;r=e.shift())t.has(r)||t.set(r,n),e.push(...z[r]??[])}return t}function V(e){let t=B(e);return e.filter(e=>!t.has(e))}function H(e){let t=R.map(({name:t,scopes:n})=>({name:t,scopes:n.filter(({scope:t})=>e.includes(t))})),n=new Set(R.flatMap(({scopes:e})=>e.map(({scope:e})=>e))),r=e.filter(e=>!n.has(e));return[...t,{name:`More`,scopes:r.map(e=>({scope:e,description:``}))}].filter(({scopes:e})=>e.length>0)}var U=a();function W({offered:e,chosen:t,onChange:n}){let r=B(t);function i(e,r){n(r?[...t,e]:t.filter(t=>t!==e))}return(0,U.jsx)(`div`,{className:j.families,children:H(e).map(({name:e,scopes:n})=>(0,U.jsxs)(`fieldset`,{className:j.family,children:[(0,U.jsx)(`legend`,{children:e}),n.map(({scope:e,description:n})=>{let a=r.get(e);return(0,U.jsx)(x,{label:(0,U.jsx)(`code`,{children:e}),description:a?`${n} Comes with ${a}.`:n,isSelected:a!==void 0||t.includes(e),isDisabled:a!==void 0,onChange:t=>i(e,t)},e)})]},e))})}function G({isOpen:e,onClose:t}){let[n,r]=(0,A.useState)(null);function i(){r(null),t()}return(0,U.jsx)(l,{isWide:!0,title:n===null?`Create an API token`:`Your new API token`,isOpen:e,isDismissable:n===null,onClose:i,children:n===null?(0,U.jsx)(K,{onCreated:r,onClose:i}):(0,U.jsx)(_,{label:`Secret of the API token`,secret:n,onDone:i,children:`Put it where your app keeps its secrets. Whoever has it can do what the token may do. If it gets lost, revoke this token and make another.`})})}function K({onCreated:e,onClose:t}){let n=d(),[r,i]=(0,A.useState)(``),[a,l]=(0,A.useState)([]),[u,f]=(0,A.useState)(`90`),[p,_]=(0,A.useState)(``),[v,x]=(0,A.useState)(),{run:S,isRunning:C}=m(I);async function w(){let t=await S({input:{organizationId:n.id,name:r,scopes:V(a),expiresAt:P(u,p,Date.now())}});x(h(t,[`name`,`scopes`,`expiresAt`])),t.kind===`ok`&&t.payload.secret&&e(t.payload.secret)}return(0,U.jsxs)(g,{errors:v,onSubmit:w,children:[(0,U.jsx)(b,{label:`Name`,description:`What it is for, so that somebody else knows later whether it is still needed.`,name:`name`,value:r,onChange:i,isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,U.jsxs)(`div`,{className:j.expiry,children:[(0,U.jsx)(y,{label:`Good for`,name:u===`date`?`lifetime`:`expiresAt`,options:N,value:u,onChange:f}),u===`date`&&(0,U.jsx)(b,{label:`Last day`,name:`expiresAt`,type:`date`,value:p,onChange:_,isRequired:!0})]}),(0,U.jsxs)(`div`,{className:j.scopes,children:[(0,U.jsx)(`h3`,{children:`What it may do`}),(0,U.jsx)(`p`,{className:j.muted,children:`As little as the app needs. You can give what you may do yourself. The token belongs to the organization: it stays good when you leave.`}),v?.fields.scopes&&(0,U.jsx)(c,{tone:`danger`,children:v.fields.scopes.map(e=>(0,U.jsx)(`p`,{children:e},e))}),(0,U.jsx)(W,{offered:n.viewerScopes,chosen:a,onChange:l})]}),(0,U.jsxs)(s,{children:[(0,U.jsx)(o,{onPress:t,children:`Cancel`}),(0,U.jsx)(o,{type:`submit`,variant:`primary`,isPending:C,isDisabled:a.length===0,children:`Create`})]})]})}function q({token:e,hasEnded:t,onClose:n}){let{run:r,isRunning:a}=m(L),[o,s]=(0,A.useState)();function c(){s(void 0),n()}async function l(){if(!e)return;let a=await r({input:{apiTokenId:e.id}});s(h(a,[])),a.kind===`ok`&&(i(t?`${e.name} is off the list.`:`${e.name} is revoked.`),n())}return(0,U.jsx)(k,{title:e?`${t?`Remove`:`Revoke`} ${e.name}?`:``,action:t?`Remove`:`Revoke`,isOpen:e!==null,isPending:a,errors:o,onConfirm:l,onClose:c,children:t?`It has ended and is refused already. It goes off this list.`:`Its secret is refused from now on. Whatever uses it stops working until it has another. This cannot be taken back.`})}var J=p(`
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
`),Y=p(`
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
`),X=e=>e.organization?.apiTokens;function Z({onCreate:e}){let{slug:t}=d(),i=(0,A.useCallback)(e=>({slug:t,after:e}),[t]),a=C({query:Y,variables:i,connection:X,requestPolicy:`cache-and-network`}),[s,c]=(0,A.useState)(null);if(a.isFirstLoad)return(0,U.jsx)(r,{count:4});if(a.failure&&a.rows.length===0)return(0,U.jsx)(T,{failure:a.failure,onRetry:a.retry});if(a.rows.length===0)return(0,U.jsx)(n,{icon:(0,U.jsx)(S,{size:28}),title:`There are no API tokens yet`,actions:(0,U.jsx)(o,{variant:`primary`,onPress:e,children:`Create a token`}),children:`An app that talks to the API sends a token. It can do what you say, in this organization only.`});let l=v(J,a.rows),u=l.filter(e=>Q(e)),f=[...$,{name:`Revoke`,isNameHidden:!0,isAtEnd:!0,cell:e=>(0,U.jsx)(o,{size:`small`,"aria-label":`${Q(e)?`Remove`:`Revoke`} ${e.name}`,onPress:()=>c(e),children:Q(e)?`Remove`:`Revoke`})}];return(0,U.jsxs)(U.Fragment,{children:[(0,U.jsx)(O,{label:`API tokens`,columns:f,rows:[...l.filter(e=>!u.includes(e)),...u],rowKey:({id:e})=>e}),(0,U.jsx)(E,{hasMore:a.hasMore,isLoading:a.isLoading,onLoadMore:a.loadMore}),(0,U.jsx)(q,{token:s,hasEnded:s!==null&&Q(s),onClose:()=>c(null)})]})}function Q({expiresAt:e}){return F(e,Date.now())===`ended`}var $=[{name:`Token`,cell:e=>(0,U.jsx)(ee,{token:e})},{name:`May do`,cell:({scopes:e})=>(0,U.jsx)(te,{scopes:e})},{name:`Last used`,cell:({lastUsedAt:e})=>(0,U.jsx)(`span`,{className:j.muted,children:e?(0,U.jsx)(D,{at:e}):`Never`})},{name:`Ends`,cell:({expiresAt:e})=>(0,U.jsx)(ne,{at:e})}];function ee({token:e}){return(0,U.jsxs)(`span`,{children:[(0,U.jsx)(`span`,{className:j.name,children:e.name}),(0,U.jsxs)(`span`,{className:j.note,children:[(0,U.jsxs)(`code`,{children:[e.prefix,`…`]}),` · made `,(0,U.jsx)(D,{at:e.createdAt}),e.createdBy&&` by ${e.createdBy.name}`]})]})}function te({scopes:e}){return(0,U.jsx)(`span`,{className:j.badges,children:e.map(e=>(0,U.jsx)(w,{children:e},e))})}function ne({at:e}){let t=F(e,Date.now());return e===null?(0,U.jsx)(`span`,{className:j.muted,children:`Never`}):t===`ended`?(0,U.jsxs)(`span`,{className:j.ends,children:[(0,U.jsx)(w,{tone:`danger`,children:`Ended`}),(0,U.jsx)(`span`,{className:j.muted,children:(0,U.jsx)(D,{at:e})})]}):t===`ending`?(0,U.jsx)(w,{tone:`warning`,children:(0,U.jsx)(D,{at:e})}):(0,U.jsx)(`span`,{className:j.muted,children:(0,U.jsx)(D,{at:e})})}function re(){let{can:e}=d(),[n,r]=(0,A.useState)(!1);return(0,U.jsxs)(U.Fragment,{children:[(0,U.jsx)(f,{title:`API tokens`,lead:`Credentials of apps. They belong to the organization, and end when you say so, not when people leave.`,actions:e(`org:admin`)&&(0,U.jsxs)(o,{variant:`primary`,onPress:()=>r(!0),children:[(0,U.jsx)(t,{size:16,"aria-hidden":`true`}),`Create a token`]})}),(0,U.jsx)(Z,{onCreate:()=>r(!0)}),(0,U.jsx)(G,{isOpen:n,onClose:()=>r(!1)})]})}export{re as Component};