import{$ as e,A as t,Ct as n,H as r,I as i,J as a,L as o,O as s,Q as c,R as l,Tt as u,X as d,b as f,m as p,q as m,tt as h,v as g,wt as _,x as v,z as y}from"./shared-Bsbl8N4a.js";import{K as b,L as x,Lr as S,Or as C,Pr as w,V as T,Vr as E,W as D,a as O,b as k,br as A,dr as j,i as M,ir as N,k as P,z as F,zr as I}from"./index-BYJYKF1t.js";import{t as L}from"./tabs-CIEC4U5c.js";import{a as R,l as z,n as B,o as V,s as H,t as U}from"./own-place-DrOHBnqA.js";var W=E(I(),1),G=j();function K({isOpen:e,onClose:t}){return(0,G.jsx)(M,{title:`Create a team`,isOpen:e,onClose:t,children:(0,G.jsx)(J,{onClose:t})})}var q=k({name:P(),slug:P()});function J({onClose:e}){let n=t(),[i,o]=s(`team.${n.id}`,q,{name:``,slug:``}),{name:c,slug:l}=i,[u,f]=(0,W.useState)(),{run:p,isRunning:h}=d(z),g=w();async function _(){let t=await p({input:{organizationId:n.id,name:c,...l&&{slug:l}}});if(f(a(t,[`name`,`slug`])),t.kind!==`ok`||!t.payload.team)return;let{team:r}=t.payload;T(`${r.name} is there. Nobody is in it yet.`),e(),g(D.team(n.slug,r.slug))}return(0,G.jsxs)(m,{errors:u,onSubmit:_,children:[(0,G.jsx)(r,{label:`Name`,name:`name`,value:c,onChange:e=>o({...i,name:e}),isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,G.jsx)(r,{label:`Name in addresses`,description:`Lower-case letters, digits and dashes. Made from the name if you leave it empty.`,name:`slug`,value:l,onChange:e=>o({...i,slug:e}),isMonospaced:!0,autoComplete:`off`}),(0,G.jsxs)(O,{children:[(0,G.jsx)(b,{onPress:e,children:`Cancel`}),(0,G.jsx)(b,{type:`submit`,variant:`primary`,isPending:h,children:`Create`})]})]})}var Y=e(`
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
`),X=e(`
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
`),Z=e=>e.organization?.teams;function Q({query:e,isMine:n,onCount:r}){let{slug:a}=t(),o=(0,W.useCallback)(t=>({slug:a,after:t,filter:e||n?{...e&&{query:e},...n&&{myTeams:!0}}:null}),[a,e,n]),s=v({query:X,variables:o,connection:Z}),{totalCount:c}=s;return(0,W.useEffect)(()=>r(c),[r,c]),s.isFirstLoad?(0,G.jsx)(x,{count:6}):s.failure&&s.rows.length===0?(0,G.jsx)(F,{failure:s.failure,onRetry:s.retry}):(0,G.jsxs)(g,{isOutdated:s.isOutdated,children:[s.rows.length===0?(0,G.jsx)(re,{isSearched:e!==``,isMine:n}):(0,G.jsx)(f,{label:`Teams`,columns:$,rows:h(Y,s.rows),rowKey:({id:e})=>e}),(0,G.jsx)(i,{hasMore:s.hasMore,isLoading:s.isLoading,onLoadMore:s.loadMore})]})}var $=[{name:`Team`,cell:e=>(0,G.jsx)(ee,{team:e})},{name:`Members`,cell:e=>(0,G.jsx)(te,{team:e})},{name:`Your role`,cell:e=>(0,G.jsx)(ne,{team:e})},{name:`Your place`,isNameHidden:!0,isAtEnd:!0,cell:e=>(0,G.jsx)(U,{team:e,name:e.name,size:`small`})}];function ee({team:e}){let{slug:n}=t();return(0,G.jsxs)(`span`,{className:H.team,children:[(0,G.jsxs)(`span`,{className:H.line,children:[(0,G.jsx)(C,{to:D.team(n,e.slug),className:H.name,children:e.name}),e.isIdpProvisioned&&(0,G.jsx)(o,{children:`Identity provider`})]}),(0,G.jsx)(`span`,{className:H.slug,children:e.slug})]})}function te({team:{memberships:e}}){let t=e.nodes.flatMap(({member:e})=>e.user??[]);return(0,G.jsxs)(`span`,{className:H.members,children:[t.length>0&&(0,G.jsx)(`span`,{className:H.stack,children:t.map(e=>(0,G.jsx)(c,{avatar:e.avatar,size:`small`},e.id))}),e.totalCount.toLocaleString()]})}function ne({team:e}){let{viewerMembership:t}=h(B,e);return(0,G.jsx)(`span`,{className:H.muted,children:t?.effectiveRole.name??`Not in it`})}function re({isSearched:e,isMine:t}){return e?(0,G.jsx)(N,{icon:(0,G.jsx)(_,{size:28}),title:`No such team`,children:`Teams are found by a part of their name or of their name in addresses.`}):(0,G.jsx)(N,{icon:(0,G.jsx)(n,{size:28}),title:t?`You are in no team yet`:`There are no teams yet`,children:t?`Look at all teams to join one, or to ask for access.`:`Teams are groups of members, with a role for each member.`})}var ie=250;function ae({query:e,isMine:t,onQuery:n,onMine:r}){let[i,a]=(0,W.useState)(e);return(0,W.useEffect)(()=>{if(i.trim()===e)return;let t=setTimeout(()=>n(i.trim()),ie);return()=>clearTimeout(t)},[i,e,n]),(0,G.jsxs)(`div`,{className:H.toolbar,children:[(0,G.jsx)(p,{label:`Search teams`,placeholder:`Find a team…`,value:i,onChange:a}),(0,G.jsx)(y,{label:`Which teams`,options:[{id:`all`,name:`All`},{id:`mine`,name:`Mine`}],value:t?`mine`:`all`,onChange:e=>r(e===`mine`)})]})}var oe=e(`
  query TeamsPage($slug: String!) {
    organization(slug: $slug) {
      id
      viewerCanCreateTeam
    }
  }
`);function se(){let{slug:e,can:n}=t(),[{data:r}]=A({query:oe,variables:{slug:e}}),i=V(),[a,s]=(0,W.useState)(!1),[c,d]=(0,W.useState)(),[f,p]=S(),m=f.get(`q`)??``,h=f.get(`teams`)===`mine`,g=f.get(`tab`)===`requests`?`requests`:`teams`,_=(0,W.useCallback)((e,t)=>p(n=>{let r=new URLSearchParams(n);return t?r.set(e,t):r.delete(e),r},{replace:!0}),[p]),v=(0,W.useCallback)(e=>_(`q`,e),[_]),y=(0,G.jsxs)(`div`,{className:H.part,children:[(0,G.jsx)(ae,{query:m,isMine:h,onQuery:v,onMine:e=>_(`teams`,e?`mine`:``)}),(0,G.jsx)(Q,{query:m,isMine:h,onCount:d})]}),x=i.totalCount??0,C=n(`org:write`)||x>0||g===`requests`;return(0,G.jsxs)(G.Fragment,{children:[(0,G.jsx)(l,{title:`Teams`,count:c,actions:r?.organization?.viewerCanCreateTeam&&(0,G.jsxs)(b,{variant:`primary`,onPress:()=>s(!0),children:[(0,G.jsx)(u,{size:16,"aria-hidden":`true`}),`Create a team`]})}),C?(0,G.jsx)(L,{label:`Teams and requests`,tabs:[{id:`teams`,name:`Teams`,content:y},{id:`requests`,name:(0,G.jsxs)(`span`,{className:H.line,children:[`Requests for access`,x>0&&(0,G.jsx)(o,{tone:`info`,children:x.toLocaleString()})]}),content:(0,G.jsx)(R,{list:i})}],value:g,onChange:e=>_(`tab`,e===`requests`?e:``)}):y,(0,G.jsx)(K,{isOpen:a,onClose:()=>s(!1)})]})}export{se as Component};