import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{Mn as t,On as n,Vn as r,c as i,jn as a,kn as o,m as s,v as c,wr as l,y as u}from"./dialog-CCpx6r1f.js";import{h as d}from"./loading-y-6WcaPu.js";import{t as f}from"./page-header-L0QUA8UG.js";import{n as p,t as ee}from"./virtual-list-xp2uAY1R.js";import{t as m}from"./badge-mEKoaDR5.js";import{n as h,t as te}from"./option-label-Dl4_xGxh.js";import{t as g}from"./popover-COjOoAbZ.js";import{t as _}from"./text-field-B9lpM1Yy.js";import{i as v}from"./mutation-Ckl1SEfw.js";import{n as y}from"./organization-DuSGXqLV.js";import{t as b}from"./fragment-masking-DSZC2_uz.js";import{t as x}from"./combo-box-BSVLPNIu.js";import{t as ne}from"./scroll-text-B_q12JRX.js";import{t as S}from"./search-x-Bt1RbJTN.js";import{t as C}from"./connection-BjNUacgl.js";import{t as w}from"./error-state-DOX6461l.js";import{t as T}from"./facts-DYBkkCPR.js";import{t as E}from"./avatar-HtA2tk-z.js";import{t as D}from"./relative-time-B91wVu1_.js";var O=e(l(),1),k=o(),re=v(`
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
`),ie=v(`
  query ActorName($id: ID!) {
    node(id: $id) {
      id
      ... on User {
        name
      }
    }
  }
`);function A(e){let[{data:t}]=r({query:ie,variables:{id:e??``},pause:e===null}),n=e===null?null:t?.node;return n&&`name`in n&&typeof n.name==`string`?n.name:null}function j({value:e,onChange:t}){let{slug:n}=y(),[i,a]=(0,O.useState)(null),o=A(e),[{data:s,fetching:c}]=r({query:re,variables:{slug:n,query:i||null}}),l=(s?.organization?.members.nodes??[]).flatMap(e=>e?.user?[{id:e.user.id,name:e.name,description:e.email??``}]:[]);return(0,k.jsx)(x,{label:`Who did it`,placeholder:`Anybody`,isFiltered:!0,options:l,value:e,onChange:e=>{t(e),a(null)},inputValue:i??o??``,onInputChange:a,nothing:c?`Looking…`:`Nobody found`})}var M={filters:`_filters_1131s_1`,days:`_days_1131s_10`,kinds:`_kinds_1131s_16`,chips:`_chips_1131s_26`,sentence:`_sentence_1131s_33`,noActor:`_noActor_1131s_40`,words:`_words_1131s_48`,muted:`_muted_1131s_57`,details:`_details_1131s_61`,changes:`_changes_1131s_69`,narrow:`_narrow_1131s_83`},N=[{id:`members`,name:`Members`,kinds:[{id:`member.accept-invite`,name:`Joined`},{id:`member.add`,name:`Added`},{id:`member.edit`,name:`Changed`},{id:`member.pending`,name:`Held to a requirement`},{id:`member.remove`,name:`Removed, or left`},{id:`member.join-team`,name:`Joined a team`},{id:`member.leave-team`,name:`Left a team`}]},{id:`invites`,name:`Invites`,kinds:[{id:`member.invite`,name:`Invited`},{id:`member.reinvite`,name:`Invited again`},{id:`invite.remove`,name:`Withdrawn`},{id:`invite-request.create`,name:`Requested`},{id:`invite-request.remove`,name:`Request rejected`}]},{id:`organization`,name:`Organization`,kinds:[{id:`org.create`,name:`Created`},{id:`org.edit`,name:`Settings changed`},{id:`org.remove`,name:`Deletion asked for`},{id:`org.restore`,name:`Restored`}]},{id:`teams`,name:`Teams`,kinds:[{id:`team.create`,name:`Created`},{id:`team.edit`,name:`Changed`},{id:`team.remove`,name:`Deleted`}]},{id:`webhooks`,name:`Webhooks`,kinds:[{id:`webhook.create`,name:`Created`},{id:`webhook.edit`,name:`Changed`},{id:`webhook.rotate`,name:`New secret`},{id:`webhook.disable`,name:`Disabled`},{id:`webhook.remove`,name:`Removed`}]}];function P(e){for(let t of N){let n=t.kinds.find(t=>t.id===e);if(n)return`${t.name}: ${n.name.toLowerCase()}`}return e}function F({search:e,onChange:t}){let{events:n,actor:r,from:i,to:o}=e,l=L(e,null).length;function d(e,r){t({events:[...n.filter(t=>!e.includes(t)),...r]})}return(0,k.jsxs)(c,{children:[(0,k.jsxs)(s,{children:[(0,k.jsx)(p,{size:16,"aria-hidden":`true`}),`Filters`,l>0&&(0,k.jsx)(m,{tone:`info`,children:l})]}),(0,k.jsx)(g,{placement:`bottom end`,children:(0,k.jsxs)(u,{"aria-label":`Filters`,className:a(M.filters),children:[(0,k.jsx)(j,{value:r,onChange:e=>t({actor:e})}),(0,k.jsxs)(`div`,{className:M.days,children:[(0,k.jsx)(_,{label:`From`,type:`date`,value:i??``,onChange:e=>t({from:e||null})}),(0,k.jsx)(_,{label:`To`,type:`date`,value:o??``,onChange:e=>t({to:e||null})})]}),(0,k.jsx)(`div`,{className:M.kinds,children:N.map(({id:e,name:t,kinds:r})=>{let i=r.map(e=>e.id);return(0,k.jsx)(h,{label:t,options:r,value:n.filter(e=>i.includes(e)),onChange:e=>d(i,e)},e)})})]})})]})}function I({search:e,onChange:n}){let r=L(e,A(e.actor));return r.length===0?null:(0,k.jsx)(`div`,{className:M.chips,children:r.map(({text:e,without:r})=>(0,k.jsxs)(s,{size:`small`,"aria-label":`Without: ${e}`,onPress:()=>n(r),children:[e,(0,k.jsx)(t,{size:14,"aria-hidden":`true`})]},e))})}function L({events:e,actor:t,from:n,to:r},i){return[t!==null&&{text:`By ${i??`somebody`}`,without:{actor:null}},n!==null&&{text:`From ${R(n)}`,without:{from:null}},r!==null&&{text:`To ${R(r)}`,without:{to:null}},...e.map(t=>({text:P(t),without:{events:e.filter(e=>e!==t)}}))].filter(e=>e!==!1)}function R(e){return new Date(`${e}T00:00`).toLocaleDateString(`en`,{dateStyle:`medium`})}function z(e,t){return e===`org.edit`?V(t):[]}var B=new Set([`id`,`member_id`,`teams`,`user`]);function V(e){return typeof e!=`object`||!e?[]:Object.entries(e).flatMap(([e,t])=>{let n=H(t);return n===``||B.has(e)?[]:[{name:te(e),value:n}]})}function H(e){return e==null?``:Array.isArray(e)?e.map(H).join(`, `):typeof e==`boolean`?e?`Yes`:`No`:typeof e==`object`?JSON.stringify(e):String(e)}function U(e,t,n){let[r,i,...a]=z(e,n).map(({name:e})=>e);if(r===void 0)return t;let o=[r,...i===void 0?[]:[i],...a.length===0?[]:[`${a.length} more`]];return`changed ${new Intl.ListFormat(`en`).format(o)}`}function W({entry:e,search:t,onChange:n}){let{event:r,data:i,actor:a,actorLabel:o,targetUser:c,createdAt:l,ipAddress:u}=e,d=z(r,i);return(0,k.jsxs)(`div`,{className:M.details,children:[d.length>0&&(0,k.jsx)(`ul`,{className:M.changes,"aria-label":`Changes`,children:d.map(({name:e,value:t})=>(0,k.jsxs)(`li`,{children:[(0,k.jsx)(`strong`,{children:e}),` `,t]},e))}),(0,k.jsx)(T,{facts:[[`When`,new Date(l).toLocaleString(void 0,{dateStyle:`full`,timeStyle:`long`})],[`Kind`,`${P(r)} (${r})`],[`Now called`,a&&a.name!==o?a.name:null],[`Done to`,c?.name],[`Address`,u],...d.length>0?[]:V(i).map(({name:e,value:t})=>[e,t])]}),(0,k.jsxs)(`div`,{className:M.narrow,children:[a&&t.actor!==a.id&&(0,k.jsxs)(s,{size:`small`,onPress:()=>n({actor:a.id}),children:[`Only by `,a.name]}),t.events.join()!==r&&(0,k.jsx)(s,{size:`small`,onPress:()=>n({events:[r]}),children:`Only of this kind`})]})]})}var G=v(`
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
`),K=[{name:`What happened`,width:`4fr`,cell:e=>(0,k.jsx)(q,{entry:e})},{name:`When`,width:`1fr`,cell:({createdAt:e})=>(0,k.jsx)(`span`,{className:M.muted,children:(0,k.jsx)(D,{at:e})})},{name:`From`,width:`1fr`,cell:({ipAddress:e})=>(0,k.jsx)(`span`,{className:M.muted,children:e})}];function q({entry:e}){let{actor:t,event:n,message:r,data:i}=e;return(0,k.jsxs)(`span`,{className:M.sentence,children:[t?(0,k.jsx)(E,{avatar:t.avatar,size:`small`}):(0,k.jsx)(`span`,{className:M.noActor,"aria-hidden":`true`}),(0,k.jsxs)(`span`,{className:M.words,children:[(0,k.jsx)(`strong`,{children:(0,k.jsx)(`bdi`,{children:J(e)})}),` `,(0,k.jsx)(`bdi`,{children:U(n,r,i)})]})]})}function J({actorLabel:e,actor:t,event:n}){return e||(t?t.name:n.startsWith(`invite-request.`)?`Somebody outside`:`Roster`)}function Y(e){return{events:[...new Set(e.getAll(`event`).filter(e=>e!==``))],actor:e.get(`actor`)||null,from:X(e.get(`from`)),to:X(e.get(`to`))}}function X(e){return e!==null&&/^\d{4}-\d{2}-\d{2}$/.test(e)&&!Number.isNaN(Date.parse(e))?e:null}function Z(e,t){let{events:n,...r}={...Y(e),...t},i=new URLSearchParams(e);i.delete(`event`);for(let e of n)i.append(`event`,e);for(let[e,t]of Object.entries(r))t?i.set(e,t):i.delete(e);return i}function Q({events:e,actor:t,from:n,to:r}){let i={...e.length>0&&{events:[...e]},...t&&{actorId:t},...n&&{after:new Date($(n).getTime()-1).toISOString()},...r&&{before:ae($(r)).toISOString()}};return Object.keys(i).length>0?i:null}function $(e){return new Date(`${e}T00:00`)}function ae(e){return new Date(e.getFullYear(),e.getMonth(),e.getDate()+1)}var oe=v(`
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
`),se=100,ce=50,le=e=>e.organization?.auditLog;function ue({search:e,onChange:t,onCount:n}){let{slug:r}=y(),[a,o]=(0,O.useState)(null),c=(0,O.useCallback)(t=>({slug:r,first:se,after:t,filter:Q(e)}),[r,e]),l=C({query:oe,variables:c,connection:le}),{rows:u,totalCount:d,loadMore:f,watch:p}=l,m=u.length;(0,O.useEffect)(()=>n(d),[n,d]);let h=(0,O.useCallback)((e,t)=>{p(e,t),t>m-ce&&f()},[p,f,m]);return l.isFirstLoad?(0,k.jsx)(i,{count:10}):l.failure&&m===0?(0,k.jsx)(w,{failure:l.failure,onRetry:l.retry}):m===0?(0,k.jsx)(de,{isSearched:Q(e)!==null}):(0,k.jsx)(ee,{label:`Audit log`,columns:K,rows:b(G,u),rowKey:({id:e})=>e,totalCount:d??m,expandedKey:a,details:n=>(0,k.jsx)(W,{entry:n,search:e,onChange:t}),onOpen:e=>o(e===a?null:e),onView:h,tail:l.failure?(0,k.jsx)(s,{onPress:l.retry,children:`The rest could not be read. Try again`}):l.hasMore&&`Reading more…`})}function de({isSearched:e}){return e?(0,k.jsx)(n,{icon:(0,k.jsx)(S,{size:28}),title:`Nothing found`,children:`Nothing of this kind has happened, or not then. Take away a filter.`}):(0,k.jsx)(n,{icon:(0,k.jsx)(ne,{size:28}),title:`Nothing has happened yet`,children:`Whatever somebody changes here is written down on this page.`})}function fe(){let[e,t]=d(),[n,r]=(0,O.useState)(),i=Z(new URLSearchParams,Y(e)).toString(),a=(0,O.useMemo)(()=>Y(new URLSearchParams(i)),[i]),o=(0,O.useCallback)(e=>t(t=>Z(t,e),{replace:!0}),[t]);return(0,k.jsxs)(k.Fragment,{children:[(0,k.jsx)(f,{title:`Audit log`,count:n,lead:`Who did what here, newest first.`,actions:(0,k.jsx)(F,{search:a,onChange:o})}),(0,k.jsx)(I,{search:a,onChange:o}),(0,k.jsx)(ue,{search:a,onChange:o,onCount:r})]})}export{fe as Component};