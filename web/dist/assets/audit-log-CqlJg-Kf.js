import{Br as e,Ir as t,K as n,L as r,Rr as i,X as a,Y as o,ar as s,dr as c,ir as l,or as u,yr as d,z as ee}from"./index-ChbKHFs1.js";import{$ as f,A as p,H as m,L as h,P as g,Q as _,R as te,Z as ne,tt as v,v as re,w as y,wt as b,x,y as S}from"./shared-uM1f4EoD.js";import{n as C,t as w}from"./virtual-list-DMxzUXcf.js";import{n as T,t as E}from"./option-label-D3lFeoKz.js";import{t as ie}from"./scroll-text-CMrTBgX8.js";var D=e(i(),1),O=c(),ae=f(`
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
`),k=f(`
  query ActorName($id: ID!) {
    node(id: $id) {
      id
      ... on User {
        name
      }
    }
  }
`);function A(e){let[{data:t}]=d({query:k,variables:{id:e??``},pause:e===null}),n=e===null?null:t?.node;return n&&`name`in n&&typeof n.name==`string`?n.name:null}function j({value:e,onChange:t}){let{slug:n}=p(),[r,i]=(0,D.useState)(null),a=A(e),[{data:o,fetching:s}]=d({query:ae,variables:{slug:n,query:r||null}}),c=(o?.organization?.members.nodes??[]).flatMap(e=>e?.user?[{id:e.user.id,name:e.name,description:e.email??``}]:[]);return(0,O.jsx)(S,{label:`Who did it`,placeholder:`Anybody`,isFiltered:!0,options:c,value:e,onChange:e=>{t(e),i(null)},inputValue:r??a??``,onInputChange:i,nothing:s?`Looking…`:`Nobody found`})}var M={filters:`_filters_1lw01_1`,days:`_days_1lw01_10`,kinds:`_kinds_1lw01_16`,chips:`_chips_1lw01_26`,sentence:`_sentence_1lw01_38`,noActor:`_noActor_1lw01_45`,words:`_words_1lw01_53`,muted:`_muted_1lw01_62`,details:`_details_1lw01_66`,changes:`_changes_1lw01_74`,narrow:`_narrow_1lw01_88`},N=[{id:`members`,name:`Members`,kinds:[{id:`member.accept-invite`,name:`Joined`},{id:`member.add`,name:`Added`},{id:`member.edit`,name:`Changed`},{id:`member.pending`,name:`Held to a requirement`},{id:`member.remove`,name:`Removed, or left`},{id:`member.join-team`,name:`Joined a team`},{id:`member.leave-team`,name:`Left a team`}]},{id:`invites`,name:`Invites`,kinds:[{id:`member.invite`,name:`Invited`},{id:`member.reinvite`,name:`Invited again`},{id:`invite.remove`,name:`Withdrawn`},{id:`invite-request.create`,name:`Requested`},{id:`invite-request.remove`,name:`Request rejected`}]},{id:`organization`,name:`Organization`,kinds:[{id:`org.create`,name:`Created`},{id:`org.edit`,name:`Settings changed`},{id:`org.remove`,name:`Deletion asked for`},{id:`org.restore`,name:`Restored`}]},{id:`teams`,name:`Teams`,kinds:[{id:`team.create`,name:`Created`},{id:`team.edit`,name:`Changed`},{id:`team.remove`,name:`Deleted`}]},{id:`webhooks`,name:`Webhooks`,kinds:[{id:`webhook.create`,name:`Created`},{id:`webhook.edit`,name:`Changed`},{id:`webhook.rotate`,name:`New secret`},{id:`webhook.disable`,name:`Disabled`},{id:`webhook.remove`,name:`Removed`}]}];function P(e){for(let t of N){let n=t.kinds.find(t=>t.id===e);if(n)return`${t.name}: ${n.name.toLowerCase()}`}return e}function F({search:e,onChange:t}){let{events:r,actor:i,from:c,to:l}=e,u=L(e,null).length;function d(e,n){t({events:[...r.filter(t=>!e.includes(t)),...n]})}return(0,O.jsxs)(o,{children:[(0,O.jsxs)(n,{children:[(0,O.jsx)(C,{size:16,"aria-hidden":`true`}),`Filters`,u>0&&(0,O.jsx)(h,{tone:`info`,children:u})]}),(0,O.jsx)(y,{placement:`bottom end`,children:(0,O.jsxs)(a,{"aria-label":`Filters`,className:s(M.filters),children:[(0,O.jsx)(j,{value:i,onChange:e=>t({actor:e})}),(0,O.jsxs)(`div`,{className:M.days,children:[(0,O.jsx)(m,{label:`From`,type:`date`,value:c??``,onChange:e=>t({from:e||null})}),(0,O.jsx)(m,{label:`To`,type:`date`,value:l??``,onChange:e=>t({to:e||null})})]}),(0,O.jsx)(`div`,{className:M.kinds,children:N.map(({id:e,name:t,kinds:n})=>{let i=n.map(e=>e.id);return(0,O.jsx)(T,{label:t,options:n,value:r.filter(e=>i.includes(e)),onChange:e=>d(i,e)},e)})})]})})]})}function I({search:e,onChange:t}){let r=L(e,A(e.actor));return r.length===0?null:(0,O.jsx)(`div`,{className:M.chips,children:r.map(({text:e,without:r})=>(0,O.jsxs)(n,{size:`small`,"aria-label":`Without: ${e}`,onPress:()=>t(r),children:[e,(0,O.jsx)(u,{size:14,"aria-hidden":`true`})]},e))})}function L({events:e,actor:t,from:n,to:r},i){return[t!==null&&{text:`By ${i??`somebody`}`,without:{actor:null}},n!==null&&{text:`From ${R(n)}`,without:{from:null}},r!==null&&{text:`To ${R(r)}`,without:{to:null}},...e.map(t=>({text:P(t),without:{events:e.filter(e=>e!==t)}}))].filter(e=>e!==!1)}function R(e){return new Date(`${e}T00:00`).toLocaleDateString(`en`,{dateStyle:`medium`})}function z(e,t){return e===`org.edit`?V(t):[]}var B=new Set([`id`,`member_id`,`teams`,`user`]);function V(e){return typeof e!=`object`||!e?[]:Object.entries(e).flatMap(([e,t])=>{let n=H(t);return n===``||B.has(e)?[]:[{name:E(e),value:n}]})}function H(e){return e==null?``:Array.isArray(e)?e.map(H).join(`, `):typeof e==`boolean`?e?`Yes`:`No`:typeof e==`object`?JSON.stringify(e):String(e)}function U(e,t,n){let[r,i,...a]=z(e,n).map(({name:e})=>e);if(r===void 0)return t;let o=[r,...i===void 0?[]:[i],...a.length===0?[]:[`${a.length} more`]];return`changed ${new Intl.ListFormat(`en`).format(o)}`}function oe({entry:e,search:t,onChange:r}){let{event:i,data:a,actor:o,actorLabel:s,targetUser:c,createdAt:l,ipAddress:u}=e,d=z(i,a);return(0,O.jsxs)(`div`,{className:M.details,children:[d.length>0&&(0,O.jsx)(`ul`,{className:M.changes,"aria-label":`Changes`,children:d.map(({name:e,value:t})=>(0,O.jsxs)(`li`,{children:[(0,O.jsx)(`strong`,{children:e}),` `,t]},e))}),(0,O.jsx)(g,{facts:[[`When`,new Date(l).toLocaleString(void 0,{dateStyle:`full`,timeStyle:`long`})],[`Kind`,`${P(i)} (${i})`],[`Now called`,o&&o.name!==s?o.name:null],[`Done to`,c?.name],[`Address`,u],...d.length>0?[]:V(a).map(({name:e,value:t})=>[e,t])]}),(0,O.jsxs)(`div`,{className:M.narrow,children:[o&&t.actor!==o.id&&(0,O.jsxs)(n,{size:`small`,onPress:()=>r({actor:o.id}),children:[`Only by `,o.name]}),t.events.join()!==i&&(0,O.jsx)(n,{size:`small`,onPress:()=>r({events:[i]}),children:`Only of this kind`})]})]})}var W=f(`
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
`),G=[{name:`What happened`,width:`4fr`,cell:e=>(0,O.jsx)(K,{entry:e})},{name:`When`,width:`1fr`,cell:({createdAt:e})=>(0,O.jsx)(`span`,{className:M.muted,children:(0,O.jsx)(ne,{at:e})})},{name:`From`,width:`1fr`,cell:({ipAddress:e})=>(0,O.jsx)(`span`,{className:M.muted,children:e})}];function K({entry:e}){let{actor:t,event:n,message:r,data:i}=e;return(0,O.jsxs)(`span`,{className:M.sentence,children:[t?(0,O.jsx)(_,{avatar:t.avatar,size:`small`}):(0,O.jsx)(`span`,{className:M.noActor,"aria-hidden":`true`}),(0,O.jsxs)(`span`,{className:M.words,children:[(0,O.jsx)(`strong`,{children:(0,O.jsx)(`bdi`,{children:q(e)})}),` `,(0,O.jsx)(`bdi`,{children:U(n,r,i)})]})]})}function q({actorLabel:e,actor:t,event:n}){return e||(t?t.name:n.startsWith(`invite-request.`)?`Somebody outside`:`Roster`)}function J(e){return{events:[...new Set(e.getAll(`event`).filter(e=>e!==``))],actor:e.get(`actor`)||null,from:Y(e.get(`from`)),to:Y(e.get(`to`))}}function Y(e){return e!==null&&/^\d{4}-\d{2}-\d{2}$/.test(e)&&!Number.isNaN(Date.parse(e))?e:null}function X(e,t){let{events:n,...r}={...J(e),...t},i=new URLSearchParams(e);i.delete(`event`);for(let e of n)i.append(`event`,e);for(let[e,t]of Object.entries(r))t?i.set(e,t):i.delete(e);return i}function Z({events:e,actor:t,from:n,to:r}){let i={...e.length>0&&{events:[...e]},...t&&{actorId:t},...n&&{after:new Date(Q(n).getTime()-1).toISOString()},...r&&{before:se(Q(r)).toISOString()}};return Object.keys(i).length>0?i:null}function Q(e){return new Date(`${e}T00:00`)}function se(e){return new Date(e.getFullYear(),e.getMonth(),e.getDate()+1)}var ce=f(`
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
`),$=100,le=50,ue=e=>e.organization?.auditLog;function de({search:e,onChange:t,onCount:i}){let{slug:a}=p(),[o,s]=(0,D.useState)(null),c=(0,D.useCallback)(t=>({slug:a,first:$,after:t,filter:Z(e)}),[a,e]),l=x({query:ce,variables:c,connection:ue}),{rows:u,totalCount:d,loadMore:f,watch:m}=l,h=u.length;(0,D.useEffect)(()=>i(d),[i,d]);let g=(0,D.useCallback)((e,t)=>{m(e,t),t>h-le&&f()},[m,f,h]);return l.isFirstLoad?(0,O.jsx)(r,{count:10}):l.failure&&h===0?(0,O.jsx)(ee,{failure:l.failure,onRetry:l.retry}):(0,O.jsx)(re,{isOutdated:l.isOutdated,children:h===0?(0,O.jsx)(fe,{isSearched:Z(e)!==null}):(0,O.jsx)(w,{label:`Audit log`,columns:G,rows:v(W,u),rowKey:({id:e})=>e,totalCount:d??h,expandedKey:o,details:n=>(0,O.jsx)(oe,{entry:n,search:e,onChange:t}),onOpen:e=>s(e===o?null:e),onView:g,tail:l.failure?(0,O.jsx)(n,{onPress:l.retry,children:`The rest could not be read. Try again`}):l.hasMore&&`Reading more…`})})}function fe({isSearched:e}){return e?(0,O.jsx)(l,{icon:(0,O.jsx)(b,{size:28}),title:`Nothing found`,children:`Nothing of this kind has happened, or not then. Take away a filter.`}):(0,O.jsx)(l,{icon:(0,O.jsx)(ie,{size:28}),title:`Nothing has happened yet`,children:`Whatever somebody changes here is written down on this page.`})}function pe(){let[e,n]=t(),[r,i]=(0,D.useState)(),a=X(new URLSearchParams,J(e)).toString(),o=(0,D.useMemo)(()=>J(new URLSearchParams(a)),[a]),s=(0,D.useCallback)(e=>n(t=>X(t,e),{replace:!0}),[n]);return(0,O.jsxs)(O.Fragment,{children:[(0,O.jsx)(te,{title:`Audit log`,count:r,lead:`Who did what here, newest first.`,actions:(0,O.jsx)(F,{search:o,onChange:s})}),(0,O.jsx)(I,{search:o,onChange:s}),(0,O.jsx)(de,{search:o,onChange:s,onCount:i})]})}export{pe as Component};