import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{t}from"./plus-BB0qEz8w.js";import{On as n,Vn as r,c as i,d as a,kn as o,m as s,n as c,p as l,t as u,wr as d}from"./dialog-CCpx6r1f.js";import{a as f,h as p,p as m}from"./loading-y-6WcaPu.js";import{i as h,r as g,t as _}from"./mutation-Ckl1SEfw.js";import{n as v}from"./organization-DuSGXqLV.js";import{t as y}from"./badge-mEKoaDR5.js";import{t as b}from"./page-header-L0QUA8UG.js";import{t as x}from"./tabs-CDNqF6jC.js";import{a as S,l as C,n as w,o as T,s as E,t as D}from"./own-place-B0fl8rIu.js";import{t as O}from"./form-BXybd3IG.js";import{t as k}from"./fragment-masking-DSZC2_uz.js";import{t as A}from"./text-field-B9lpM1Yy.js";import{t as j}from"./search-x-Bt1RbJTN.js";import{t as M}from"./users-round-BU-HPMRE.js";import{t as N}from"./connection-BjNUacgl.js";import{t as P}from"./avatar-HtA2tk-z.js";import{t as F}from"./error-state-DOX6461l.js";import{t as I}from"./load-more-CrJWmopg.js";import{t as L}from"./table-B-NW4kwK.js";import{t as R}from"./search-field-DuY0GG72.js";import{t as z}from"./segmented-DAaJ9jOB.js";var B=e(d(),1),V=o();function H({isOpen:e,onClose:t}){return(0,V.jsx)(u,{title:`Create a team`,isOpen:e,onClose:t,children:(0,V.jsx)(U,{onClose:t})})}function U({onClose:e}){let t=v(),[n,r]=(0,B.useState)(``),[i,o]=(0,B.useState)(``),[u,d]=(0,B.useState)(),{run:f,isRunning:p}=g(C),h=m();async function y(){let r=await f({input:{organizationId:t.id,name:n,...i&&{slug:i}}});if(d(_(r,[`name`,`slug`])),r.kind!==`ok`||!r.payload.team)return;let{team:o}=r.payload;a(`${o.name} is there. Nobody is in it yet.`),e(),h(l.team(t.slug,o.slug))}return(0,V.jsxs)(O,{errors:u,onSubmit:y,children:[(0,V.jsx)(A,{label:`Name`,name:`name`,value:n,onChange:r,isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,V.jsx)(A,{label:`Name in addresses`,description:`Lower-case letters, digits and dashes. Made from the name if you leave it empty.`,name:`slug`,value:i,onChange:o,isMonospaced:!0,autoComplete:`off`}),(0,V.jsxs)(c,{children:[(0,V.jsx)(s,{onPress:e,children:`Cancel`}),(0,V.jsx)(s,{type:`submit`,variant:`primary`,isPending:p,children:`Create`})]})]})}var W=h(`
  fragment TeamListRow on Team {
    id
    name
    slug
    isIdpProvisioned
    ...TeamForRights
    memberships(first: 4) {
      totalCount
      nodes {
        id
        member {
          id
          user {
            id
            avatar {
              ...AvatarImage
            }
          }
        }
      }
    }
  }
`),G=h(`
  query Teams($slug: String!, $after: String, $filter: TeamFilter) {
    organization(slug: $slug) {
      id
      teams(first: 50, after: $after, filter: $filter) {
        totalCount
        nodes {
          id
          ...TeamListRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`),K=e=>e.organization?.teams;function q({query:e,isMine:t,onCount:n}){let{slug:r}=v(),a=(0,B.useCallback)(n=>({slug:r,after:n,filter:e||t?{...e&&{query:e},...t&&{myTeams:!0}}:null}),[r,e,t]),o=N({query:G,variables:a,connection:K}),{totalCount:s}=o;return(0,B.useEffect)(()=>n(s),[n,s]),o.isFirstLoad?(0,V.jsx)(i,{count:6}):o.failure&&o.rows.length===0?(0,V.jsx)(F,{failure:o.failure,onRetry:o.retry}):o.rows.length===0?(0,V.jsx)(Q,{isSearched:e!==``,isMine:t}):(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(L,{label:`Teams`,columns:J,rows:k(W,o.rows),rowKey:({id:e})=>e}),(0,V.jsx)(I,{hasMore:o.hasMore,isLoading:o.isLoading,onLoadMore:o.loadMore})]})}var J=[{name:`Team`,cell:e=>(0,V.jsx)(Y,{team:e})},{name:`Members`,cell:e=>(0,V.jsx)(X,{team:e})},{name:`Your role`,cell:e=>(0,V.jsx)(Z,{team:e})},{name:`Your place`,isNameHidden:!0,isAtEnd:!0,cell:e=>(0,V.jsx)(D,{team:e,name:e.name,size:`small`})}];function Y({team:e}){let{slug:t}=v();return(0,V.jsxs)(`span`,{className:E.team,children:[(0,V.jsxs)(`span`,{className:E.line,children:[(0,V.jsx)(f,{to:l.team(t,e.slug),className:E.name,children:e.name}),e.isIdpProvisioned&&(0,V.jsx)(y,{children:`Identity provider`})]}),(0,V.jsx)(`span`,{className:E.slug,children:e.slug})]})}function X({team:{memberships:e}}){let t=e.nodes.flatMap(({member:e})=>e.user??[]);return(0,V.jsxs)(`span`,{className:E.members,children:[t.length>0&&(0,V.jsx)(`span`,{className:E.stack,children:t.map(e=>(0,V.jsx)(P,{avatar:e.avatar,size:`small`},e.id))}),e.totalCount.toLocaleString()]})}function Z({team:e}){let{viewerMembership:t}=k(w,e);return(0,V.jsx)(`span`,{className:E.muted,children:t?.effectiveRole.name??`Not in it`})}function Q({isSearched:e,isMine:t}){return e?(0,V.jsx)(n,{icon:(0,V.jsx)(j,{size:28}),title:`No such team`,children:`Teams are found by a part of their name or of their name in addresses.`}):(0,V.jsx)(n,{icon:(0,V.jsx)(M,{size:28}),title:t?`You are in no team yet`:`There are no teams yet`,children:t?`Look at all teams to join one, or to ask for access.`:`Teams are groups of members, with a role for each member.`})}var $=250;function ee({query:e,isMine:t,onQuery:n,onMine:r}){let[i,a]=(0,B.useState)(e);return(0,B.useEffect)(()=>{if(i.trim()===e)return;let t=setTimeout(()=>n(i.trim()),$);return()=>clearTimeout(t)},[i,e,n]),(0,V.jsxs)(`div`,{className:E.toolbar,children:[(0,V.jsx)(R,{label:`Search teams`,placeholder:`Find a team…`,value:i,onChange:a}),(0,V.jsx)(z,{label:`Which teams`,options:[{id:`all`,name:`All`},{id:`mine`,name:`Mine`}],value:t?`mine`:`all`,onChange:e=>r(e===`mine`)})]})}var te=h(`
  query TeamsPage($slug: String!) {
    organization(slug: $slug) {
      id
      viewerCanCreateTeam
    }
  }
`);function ne(){let{slug:e,can:n}=v(),[{data:i}]=r({query:te,variables:{slug:e}}),a=T(),[o,c]=(0,B.useState)(!1),[l,u]=(0,B.useState)(),[d,f]=p(),m=d.get(`q`)??``,h=d.get(`teams`)===`mine`,g=d.get(`tab`)===`requests`?`requests`:`teams`,_=(0,B.useCallback)((e,t)=>f(n=>{let r=new URLSearchParams(n);return t?r.set(e,t):r.delete(e),r},{replace:!0}),[f]),C=(0,B.useCallback)(e=>_(`q`,e),[_]),w=(0,V.jsxs)(`div`,{className:E.part,children:[(0,V.jsx)(ee,{query:m,isMine:h,onQuery:C,onMine:e=>_(`teams`,e?`mine`:``)}),(0,V.jsx)(q,{query:m,isMine:h,onCount:u})]}),D=a.totalCount??0,O=n(`org:write`)||D>0||g===`requests`;return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(b,{title:`Teams`,count:l,actions:i?.organization?.viewerCanCreateTeam&&(0,V.jsxs)(s,{variant:`primary`,onPress:()=>c(!0),children:[(0,V.jsx)(t,{size:16,"aria-hidden":`true`}),`Create a team`]})}),O?(0,V.jsx)(x,{label:`Teams and requests`,tabs:[{id:`teams`,name:`Teams`,content:w},{id:`requests`,name:(0,V.jsxs)(`span`,{className:E.line,children:[`Requests for access`,D>0&&(0,V.jsx)(y,{tone:`info`,children:D.toLocaleString()})]}),content:(0,V.jsx)(S,{list:a})}],value:g,onChange:e=>_(`tab`,e===`requests`?e:``)}):w,(0,V.jsx)(H,{isOpen:o,onClose:()=>c(!1)})]})}export{ne as Component};