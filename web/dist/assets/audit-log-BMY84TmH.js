import{K as e,L as t,Lr as n,Vr as r,X as i,Y as a,ar as o,br as s,dr as c,ir as l,or as u,z as d,zr as f}from"./index-BYJYKF1t.js";import{$ as p,A as m,H as h,L as g,P as _,Q as v,R as y,Z as ee,tt as b,v as x,w as te,wt as ne,x as S,y as C}from"./shared-Bsbl8N4a.js";import{n as w,t as T}from"./virtual-list-BzUxWmDV.js";import{n as E,t as D}from"./option-label-BEUFFFqd.js";import{t as O}from"./scroll-text-exnzINX4.js";var k=r(f(),1),A=c(),re=p(`
  query Actors($slug: String!, $query: String) {
    organization(slug: $slug) {
      id
      members(first: 30, filter: { query: $query, isPending: false }) {
        nodes {
          id
          name
          email
          user {
            id
          }
        }
      }
    }
  }
`),ie=p(`
  query ActorName($id: ID!) {
    node(id: $id) {
      id
      ... on User {
        name
      }
    }
  }
`);function j(e){let[{data:t}]=s({query:ie,variables:{id:e??``},pause:e===null}),n=e===null?null:t?.node;return n&&`name`in n&&typeof n.name==`string`?n.name:null}function M({value:e,onChange:t}){let{slug:n}=m(),[r,i]=(0,k.useState)(null),a=j(e),[{data:o,fetching:c}]=s({query:re,variables:{slug:n,query:r||null}}),l=(o?.organization?.members.nodes??[]).flatMap(e=>e?.user?[{id:e.user.id,name:e.name,description:e.email??``}]:[]);return(0,A.jsx)(C,{label:`Who did it`,placeholder:`Anybody`,isFiltered:!0,options:l,value:e,onChange:e=>{t(e),i(null)},inputValue:r??a??``,onInputChange:i,nothing:c?`Looking…`:`Nobody found`})}var N={filters:`_filters_1lw01_1`,days:`_days_1lw01_10`,kinds:`_kinds_1lw01_16`,chips:`_chips_1lw01_26`,sentence:`_sentence_1lw01_38`,noActor:`_noActor_1lw01_45`,words:`_words_1lw01_53`,muted:`_muted_1lw01_62`,details:`_details_1lw01_66`,changes:`_changes_1lw01_74`,narrow:`_narrow_1lw01_88`},P=[{id:`members`,name:`Members`,kinds:[{id:`member.accept-invite`,name:`Joined`},{id:`member.add`,name:`Added`},{id:`member.edit`,name:`Changed`},{id:`member.pending`,name:`Held to a requirement`},{id:`member.remove`,name:`Removed, or left`},{id:`member.join-team`,name:`Joined a team`},{id:`member.leave-team`,name:`Left a team`}]},{id:`invites`,name:`Invites`,kinds:[{id:`member.invite`,name:`Invited`},{id:`member.reinvite`,name:`Invited again`},{id:`invite.remove`,name:`Withdrawn`},{id:`invite-request.create`,name:`Requested`},{id:`invite-request.remove`,name:`Request rejected`}]},{id:`organization`,name:`Organization`,kinds:[{id:`org.create`,name:`Created`},{id:`org.edit`,name:`Settings changed`},{id:`org.remove`,name:`Deletion asked for`},{id:`org.restore`,name:`Restored`}]},{id:`teams`,name:`Teams`,kinds:[{id:`team.create`,name:`Created`},{id:`team.edit`,name:`Changed`},{id:`team.remove`,name:`Deleted`}]},{id:`webhooks`,name:`Webhooks`,kinds:[{id:`webhook.create`,name:`Created`},{id:`webhook.edit`,name:`Changed`},{id:`webhook.rotate`,name:`New secret`},{id:`webhook.disable`,name:`Disabled`},{id:`webhook.remove`,name:`Removed`}]}];function F(e){for(let t of P){let n=t.kinds.find(t=>t.id===e);if(n)return`${t.name}: ${n.name.toLowerCase()}`}return e}function I({search:t,onChange:n}){let{events:r,actor:s,from:c,to:l}=t,u=R(t,null).length;function d(e,t){n({events:[...r.filter(t=>!e.includes(t)),...t]})}return(0,A.jsxs)(a,{children:[(0,A.jsxs)(e,{children:[(0,A.jsx)(w,{size:16,"aria-hidden":`true`}),`Filters`,u>0&&(0,A.jsx)(g,{tone:`info`,children:u})]}),(0,A.jsx)(te,{placement:`bottom end`,children:(0,A.jsxs)(i,{"aria-label":`Filters`,className:o(N.filters),children:[(0,A.jsx)(M,{value:s,onChange:e=>n({actor:e})}),(0,A.jsxs)(`div`,{className:N.days,children:[(0,A.jsx)(h,{label:`From`,type:`date`,value:c??``,onChange:e=>n({from:e||null})}),(0,A.jsx)(h,{label:`To`,type:`date`,value:l??``,onChange:e=>n({to:e||null})})]}),(0,A.jsx)(`div`,{className:N.kinds,children:P.map(({id:e,name:t,kinds:n})=>{let i=n.map(e=>e.id);return(0,A.jsx)(E,{label:t,options:n,value:r.filter(e=>i.includes(e)),onChange:e=>d(i,e)},e)})})]})})]})}function L({search:t,onChange:n}){let r=R(t,j(t.actor));return r.length===0?null:(0,A.jsx)(`div`,{className:N.chips,children:r.map(({text:t,without:r})=>(0,A.jsxs)(e,{size:`small`,"aria-label":`Without: ${t}`,onPress:()=>n(r),children:[t,(0,A.jsx)(u,{size:14,"aria-hidden":`true`})]},t))})}function R({events:e,actor:t,from:n,to:r},i){return[t!==null&&{text:`By ${i??`somebody`}`,without:{actor:null}},n!==null&&{text:`From ${z(n)}`,without:{from:null}},r!==null&&{text:`To ${z(r)}`,without:{to:null}},...e.map(t=>({text:F(t),without:{events:e.filter(e=>e!==t)}}))].filter(e=>e!==!1)}function z(e){return new Date(`${e}T00:00`).toLocaleDateString(`en`,{dateStyle:`medium`})}function B(e,t){return e===`org.edit`?H(t):[]}var V=new Set([`id`,`member_id`,`teams`,`user`]);function H(e){return typeof e!=`object`||!e?[]:Object.entries(e).flatMap(([e,t])=>{let n=U(t);return n===``||V.has(e)?[]:[{name:D(e),value:n}]})}function U(e){return e==null?``:Array.isArray(e)?e.map(U).join(`, `):typeof e==`boolean`?e?`Yes`:`No`:typeof e==`object`?JSON.stringify(e):String(e)}function W(e,t,n){let[r,i,...a]=B(e,n).map(({name:e})=>e);if(r===void 0)return t;let o=[r,...i===void 0?[]:[i],...a.length===0?[]:[`${a.length} more`]];return`changed ${new Intl.ListFormat(`en`).format(o)}`}function G({entry:t,search:n,onChange:r}){let{event:i,data:a,actor:o,actorLabel:s,targetUser:c,createdAt:l,ipAddress:u}=t,d=B(i,a);return(0,A.jsxs)(`div`,{className:N.details,children:[d.length>0&&(0,A.jsx)(`ul`,{className:N.changes,"aria-label":`Changes`,children:d.map(({name:e,value:t})=>(0,A.jsxs)(`li`,{children:[(0,A.jsx)(`strong`,{children:e}),` `,t]},e))}),(0,A.jsx)(_,{facts:[[`When`,new Date(l).toLocaleString(void 0,{dateStyle:`full`,timeStyle:`long`})],[`Kind`,`${F(i)} (${i})`],[`Now called`,o&&o.name!==s?o.name:null],[`Done to`,c?.name],[`Address`,u],...d.length>0?[]:H(a).map(({name:e,value:t})=>[e,t])]}),(0,A.jsxs)(`div`,{className:N.narrow,children:[o&&n.actor!==o.id&&(0,A.jsxs)(e,{size:`small`,onPress:()=>r({actor:o.id}),children:[`Only by `,o.name]}),n.events.join()!==i&&(0,A.jsx)(e,{size:`small`,onPress:()=>r({events:[i]}),children:`Only of this kind`})]})]})}var ae=p(`
  fragment AuditLogRow on AuditLogEntry {
    id
    event
    message
    data
    createdAt
    ipAddress
    actorLabel
    targetId
    actor {
      id
      name
      avatar {
        ...AvatarImage
      }
    }
    targetUser {
      id
      name
    }
  }
`),K=[{name:`What happened`,width:`4fr`,cell:e=>(0,A.jsx)(q,{entry:e})},{name:`When`,width:`1fr`,cell:({createdAt:e})=>(0,A.jsx)(`span`,{className:N.muted,children:(0,A.jsx)(ee,{at:e})})},{name:`From`,width:`1fr`,cell:({ipAddress:e})=>(0,A.jsx)(`span`,{className:N.muted,children:e})}];function q({entry:e}){let{actor:t,event:n,message:r,data:i}=e;return(0,A.jsxs)(`span`,{className:N.sentence,children:[t?(0,A.jsx)(v,{avatar:t.avatar,size:`small`}):(0,A.jsx)(`span`,{className:N.noActor,"aria-hidden":`true`}),(0,A.jsxs)(`span`,{className:N.words,children:[(0,A.jsx)(`strong`,{children:(0,A.jsx)(`bdi`,{children:J(e)})}),` `,(0,A.jsx)(`bdi`,{children:W(n,r,i)})]})]})}function J({actorLabel:e,actor:t,event:n}){return e||(t?t.name:n.startsWith(`invite-request.`)?`Somebody outside`:`Roster`)}function Y(e){return{events:[...new Set(e.getAll(`event`).filter(e=>e!==``))],actor:e.get(`actor`)||null,from:X(e.get(`from`)),to:X(e.get(`to`))}}function X(e){return e!==null&&/^\d{4}-\d{2}-\d{2}$/.test(e)&&!Number.isNaN(Date.parse(e))?e:null}function Z(e,t){let{events:n,...r}={...Y(e),...t},i=new URLSearchParams(e);i.delete(`event`);for(let e of n)i.append(`event`,e);for(let[e,t]of Object.entries(r))t?i.set(e,t):i.delete(e);return i}function Q({events:e,actor:t,from:n,to:r}){let i={...e.length>0&&{events:[...e]},...t&&{actorId:t},...n&&{after:new Date($(n).getTime()-1).toISOString()},...r&&{before:oe($(r)).toISOString()}};return Object.keys(i).length>0?i:null}function $(e){return new Date(`${e}T00:00`)}function oe(e){return new Date(e.getFullYear(),e.getMonth(),e.getDate()+1)}var se=p(`
  query AuditLog($slug: String!, $first: Int!, $after: String, $filter: AuditLogFilter) {
    organization(slug: $slug) {
      id
      auditLog(first: $first, after: $after, filter: $filter) {
        totalCount
        nodes {
          id
          ...AuditLogRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`),ce=100,le=50,ue=e=>e.organization?.auditLog;function de({search:n,onChange:r,onCount:i}){let{slug:a}=m(),[o,s]=(0,k.useState)(null),c=(0,k.useCallback)(e=>({slug:a,first:ce,after:e,filter:Q(n)}),[a,n]),l=S({query:se,variables:c,connection:ue}),{rows:u,totalCount:f,loadMore:p,watch:h}=l,g=u.length;(0,k.useEffect)(()=>i(f),[i,f]);let _=(0,k.useCallback)((e,t)=>{h(e,t),t>g-le&&p()},[h,p,g]);return l.isFirstLoad?(0,A.jsx)(t,{count:10}):l.failure&&g===0?(0,A.jsx)(d,{failure:l.failure,onRetry:l.retry}):(0,A.jsx)(x,{isOutdated:l.isOutdated,children:g===0?(0,A.jsx)(fe,{isSearched:Q(n)!==null}):(0,A.jsx)(T,{label:`Audit log`,columns:K,rows:b(ae,u),rowKey:({id:e})=>e,totalCount:f??g,expandedKey:o,details:e=>(0,A.jsx)(G,{entry:e,search:n,onChange:r}),onOpen:e=>s(e===o?null:e),onView:_,tail:l.failure?(0,A.jsx)(e,{onPress:l.retry,children:`The rest could not be read. Try again`}):l.hasMore&&`Reading more…`})})}function fe({isSearched:e}){return e?(0,A.jsx)(l,{icon:(0,A.jsx)(ne,{size:28}),title:`Nothing found`,children:`Nothing of this kind has happened, or not then. Take away a filter.`}):(0,A.jsx)(l,{icon:(0,A.jsx)(O,{size:28}),title:`Nothing has happened yet`,children:`Whatever somebody changes here is written down on this page.`})}function pe(){let[e,t]=n(),[r,i]=(0,k.useState)(),a=Z(new URLSearchParams,Y(e)).toString(),o=(0,k.useMemo)(()=>Y(new URLSearchParams(a)),[a]),s=(0,k.useCallback)(e=>t(t=>Z(t,e),{replace:!0}),[t]);return(0,A.jsxs)(A.Fragment,{children:[(0,A.jsx)(y,{title:`Audit log`,count:r,lead:`Who did what here, newest first.`,actions:(0,A.jsx)(I,{search:o,onChange:s})}),(0,A.jsx)(L,{search:o,onChange:s}),(0,A.jsx)(de,{search:o,onChange:s,onCount:i})]})}export{pe as Component};