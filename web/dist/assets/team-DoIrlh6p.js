import{t as e}from"./ellipsis-Dq_45-ym.js";import{Ar as t,B as n,H as r,Ir as i,K as a,L as o,N as s,Or as c,Pr as l,V as u,Vr as d,W as f,a as p,br as m,dr as h,hr as g,i as _,ir as v,lr as y,or as b,s as x,z as S,zr as C}from"./index-BYJYKF1t.js";import{t as ee}from"./trash-DmpeqYcQ.js";import{$ as w,A as T,C as E,Ct as te,F as D,H as O,I as k,J as A,L as j,R as M,X as N,Y as P,Z as ne,b as re,d as ie,f as F,g as I,h as L,q as R,tt as z,u as B,x as V,y as H}from"./shared-Bsbl8N4a.js";import{c as U,d as W,f as G,i as K,n as q,o as J,p as Y,r as ae,s as X,t as oe,u as se}from"./own-place-DrOHBnqA.js";var Z={name:`pencil`,size:24,node:[[`path`,{d:`M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z`,key:`1a8usu`}],[`path`,{d:`m15 5 4 4`,key:`1mk7zo`}]]};Z.node;var ce=y(Z),Q=d(C(),1),$=h();function le({team:e,isOpen:t,onClose:n,onDeleted:r}){let{run:i,isRunning:a}=N(se),[o,s]=(0,Q.useState)();async function c(){let t=await i({input:{teamId:e.id}});s(A(t,[])),t.kind===`ok`&&(u(`${e.name} is deleted.`),r())}return(0,$.jsx)(D,{title:`Delete ${e.name}?`,action:`Delete`,confirmText:e.slug,isOpen:t,isPending:a,errors:o,onConfirm:c,onClose:n,children:`It disappears at once, for everybody, with the places in it and the requests for access. Its members stay in the organization. This cannot be taken back.`})}function ue({team:e,isOpen:t,onClose:n}){return(0,$.jsx)(_,{title:`Edit ${e.name}`,isOpen:t,onClose:n,children:(0,$.jsx)(de,{team:e,onClose:n})})}function de({team:e,onClose:t}){let{isSuperuser:n}=T(),[r,i]=(0,Q.useState)(e.name),[o,s]=(0,Q.useState)(e.slug),[c,l]=(0,Q.useState)(e.isIdpProvisioned),[d,f]=(0,Q.useState)(),{run:m,isRunning:h}=N(G);async function g(){let n=await m({input:{teamId:e.id,...r!==e.name&&{name:r},...o!==e.slug&&{slug:o},...c!==e.isIdpProvisioned&&{isIdpProvisioned:c}}});f(A(n,[`name`,`slug`])),n.kind===`ok`&&n.payload.team&&(u(`${n.payload.team.name} is saved.`),t())}return(0,$.jsxs)(R,{errors:d,onSubmit:g,children:[(0,$.jsx)(O,{label:`Name`,name:`name`,value:r,onChange:i,isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,$.jsx)(O,{label:`Name in addresses`,description:`Links with the old one stop working.`,name:`slug`,value:o,onChange:s,isRequired:!0,isMonospaced:!0,autoComplete:`off`}),n&&(0,$.jsx)(B,{label:`Managed by the identity provider`,description:`Nobody is put in or taken out here then. Only superusers see this.`,isSelected:c,onChange:l}),(0,$.jsxs)(p,{children:[(0,$.jsx)(a,{onPress:t,children:`Cancel`}),(0,$.jsx)(a,{type:`submit`,variant:`primary`,isPending:h,children:`Save`})]})]})}var fe=w(`
  query MemberChoices($slug: String!, $query: String) {
    organization(slug: $slug) {
      id
      members(first: 20, filter: { query: $query }) {
        nodes {
          id
          name
          email
          role {
            id
            isTeamRolesAllowed
          }
          teamMemberships {
            id
            team {
              id
            }
          }
        }
      }
    }
  }
`);function pe({teamId:e,value:t,onChange:n,...r}){let{slug:i}=T(),[a,o]=(0,Q.useState)(``),[{data:s,fetching:c}]=m({query:fe,variables:{slug:i,query:a.trim()||null}}),l=(s?.organization?.members.nodes??[]).filter(e=>e!==null),u=l.filter(({role:t,teamMemberships:n})=>t.isTeamRolesAllowed&&n.every(({team:t})=>t.id!==e)).map(({id:e,name:t,email:n})=>({id:e,name:t,...n&&n!==t&&{description:n}}));return(0,$.jsx)(H,{...r,placeholder:`Name or address…`,isFiltered:!0,options:u,value:t,onChange:e=>n(e,l.find(({id:t})=>t===e)?.name??``),inputValue:a,onInputChange:o,nothing:c?`Looking…`:`Nobody who is not in the team yet`})}function me({team:e,addsAtOnce:t}){let[n,r]=(0,Q.useState)(null),[i,o]=(0,Q.useState)(0),[s,c]=(0,Q.useState)(),{run:l,isRunning:d}=N(U);async function f(){if(!n)return;let t=await l({input:{teamId:e.id,memberId:n.id}});c(A(t,[`memberId`])),t.kind===`ok`&&(u(t.payload.accessRequest?`${n.name} gets in once somebody approves it.`:`${n.name} is in ${e.name} now.`),r(null),o(i+1))}return(0,$.jsx)(R,{errors:s,onSubmit:f,children:(0,$.jsxs)(`div`,{className:X.add,children:[(0,$.jsx)(`div`,{className:X.picker,children:(0,$.jsx)(pe,{label:`Add a member`,name:`memberId`,description:t?void 0:`Membership is closed here: whoever decides about this team is asked.`,teamId:e.id,value:n?.id??null,onChange:(e,t)=>r(e===null?null:{id:e,name:t})},i)}),(0,$.jsx)(a,{type:`submit`,isDisabled:!n,isPending:d,children:t?`Add`:`Ask for access`})]})})}function he({team:e,member:t,onClose:n}){let{run:r,isRunning:i}=N(W),[a,o]=(0,Q.useState)();function s(){o(void 0),n()}async function c(){if(!t)return;let i=await r({input:{teamId:e.id,memberId:t.id}});o(A(i,[])),i.kind===`ok`&&(u(`${t.name} is out of ${e.name}.`),n())}return(0,$.jsx)(D,{title:t?`Take ${t.name} out of ${e.name}?`:``,action:`Take out`,isOpen:t!==null,isPending:i,errors:a,onConfirm:c,onClose:s,children:`They stay a member of the organization, and lose their role in this team.`})}var ge=w(`
  fragment TeamMemberRow on TeamMembership {
    id
    effectiveRole {
      id
      name
      priority
    }
    member {
      id
      name
      email
      isPending
      isViewer
      role {
        id
        name
        minimumTeamRole {
          id
          priority
        }
      }
      user {
        id
        avatar {
          ...AvatarImage
        }
      }
    }
  }
`),_e=w(`
  query TeamMembers($slug: String!, $team: String!, $after: String) {
    organization(slug: $slug) {
      id
      team(slug: $team) {
        id
        memberships(first: 50, after: $after) {
          totalCount
          nodes {
            id
            ...TeamMemberRow
          }
          pageInfo {
            endCursor
            hasNextPage
          }
        }
      }
    }
  }
`),ve=w(`
  query TeamRoles {
    teamRoles {
      id
      name
      description
      priority
    }
  }
`),ye=e=>e.organization?.team?.memberships;function be({team:e,rights:t}){let{slug:n}=T(),r=(0,Q.useCallback)(t=>({slug:n,team:e.slug,after:t}),[n,e.slug]),i=V({query:_e,variables:r,connection:ye}),[a,s]=(0,Q.useState)(null),c=t.canManageMembers&&!e.isIdpProvisioned,l=[{name:`Member`,cell:({member:e})=>(0,$.jsx)(xe,{member:e})},{name:`Role`,cell:({member:e})=>(0,$.jsx)(`span`,{className:X.muted,children:e.role.name})},{name:`Role in the team`,cell:n=>(0,$.jsx)(Se,{place:n,team:e,rights:t})},{name:`Remove`,isNameHidden:!0,isAtEnd:!0,cell:e=>c&&!e.member.isViewer&&(0,$.jsx)(x,{label:`Take ${e.member.name} out of the team`,size:`small`,onPress:()=>s(e),children:(0,$.jsx)(b,{size:16,"aria-hidden":`true`})})}],u=z(ge,i.rows);return(0,$.jsxs)(F,{level:2,title:i.totalCount?`Members (${i.totalCount.toLocaleString()})`:`Members`,children:[(0,$.jsxs)(`div`,{className:X.part,children:[t.canAddMembers&&(0,$.jsx)(me,{team:e,addsAtOnce:t.addsAtOnce}),i.isFirstLoad?(0,$.jsx)(o,{count:5}):i.failure&&u.length===0?(0,$.jsx)(S,{failure:i.failure,onRetry:i.retry}):u.length===0?(0,$.jsx)(v,{icon:(0,$.jsx)(te,{size:28}),title:`Nobody is in this team yet`}):(0,$.jsx)(re,{label:`Members of the team`,columns:l,rows:u,rowKey:({id:e})=>e}),(0,$.jsx)(k,{hasMore:i.hasMore,isLoading:i.isLoading,onLoadMore:i.loadMore})]}),(0,$.jsx)(he,{team:e,member:a?.member??null,onClose:()=>s(null)})]})}function xe({member:e}){let{slug:t}=T();return(0,$.jsx)(ie,{avatar:e.user?.avatar,name:(0,$.jsxs)(`span`,{className:X.line,children:[(0,$.jsx)(c,{to:`${f.organization(t,`members`)}?member=${encodeURIComponent(e.id)}`,className:X.name,children:e.name}),e.isViewer&&(0,$.jsx)(`span`,{className:X.muted,children:`(you)`}),e.isPending&&(0,$.jsx)(j,{tone:`info`,children:`Pending`})]}),note:e.email!==e.name&&e.email})}function Se({place:e,team:t,rights:r}){let[{data:i}]=m({query:ve}),{run:a}=N(Y),{member:o,effectiveRole:s}=e,c=o.role.minimumTeamRole.priority,l=(i?.teamRoles??[]).filter(({priority:e})=>e>=c&&e<=r.highestRole);if(!(r.canManageMembers&&s.priority<=r.highestRole&&l.length>1))return s.name;async function u(e){let r=await a({input:{teamId:t.id,memberId:o.id,teamRole:e}});r.kind!==`ok`&&n(P(r))}return(0,$.jsx)(`span`,{className:X.role,children:(0,$.jsx)(E,{label:`Role of ${o.name} in the team`,isLabelHidden:!0,options:l,value:s.id,onChange:u})})}var Ce=w(`
  query TeamPage($slug: String!, $team: String!) {
    organization(slug: $slug) {
      id
      team(slug: $team) {
        id
        name
        slug
        createdAt
        isIdpProvisioned
        ...TeamForRights
      }
    }
  }
`);function we(){let{slug:n}=T(),{team:a=``}=i(),[{data:u,error:d},p]=m({query:Ce,variables:{slug:n,team:a}}),[h,_]=(0,Q.useState)(null),v=ae(),y=l(),b=u?.organization?.team;if(!b||!v)return d?(0,$.jsx)(S,{failure:g(d),onRetry:p}):u&&v?(0,$.jsx)(r,{what:`team`}):(0,$.jsx)(o,{});if(b.slug!==a)return(0,$.jsx)(t,{replace:!0,to:f.team(n,b.slug)});let C=v.rightsIn(z(q,b));return(0,$.jsxs)($.Fragment,{children:[(0,$.jsx)(c,{to:f.organization(n,`teams`),className:X.back,children:`Teams`}),(0,$.jsx)(M,{title:b.name,lead:(0,$.jsxs)($.Fragment,{children:[(0,$.jsx)(`code`,{children:b.slug}),` · made `,(0,$.jsx)(ne,{at:b.createdAt})]}),actions:(0,$.jsxs)($.Fragment,{children:[(0,$.jsx)(oe,{team:b,name:b.name}),(C.canUpdate||C.canDelete)&&(0,$.jsxs)(L,{trigger:(0,$.jsx)(x,{label:`More about this team`,variant:`secondary`,children:(0,$.jsx)(e,{size:18,"aria-hidden":`true`})}),children:[C.canUpdate&&(0,$.jsx)(I,{onAction:()=>_(`edit`),icon:(0,$.jsx)(ce,{size:16,"aria-hidden":`true`}),children:`Edit name`}),C.canDelete&&(0,$.jsx)(I,{isDangerous:!0,onAction:()=>_(`delete`),icon:(0,$.jsx)(ee,{size:16,"aria-hidden":`true`}),children:`Delete`})]})]})}),(0,$.jsxs)(`div`,{className:X.part,children:[b.isIdpProvisioned&&(0,$.jsx)(s,{children:`The identity provider manages this team: who is in it is changed there, and it is deleted there.`}),(0,$.jsx)(Te,{teamId:b.id}),(0,$.jsx)(be,{team:b,rights:C})]}),(0,$.jsx)(ue,{team:b,isOpen:h===`edit`,onClose:()=>_(null)}),(0,$.jsx)(le,{team:b,isOpen:h===`delete`,onClose:()=>_(null),onDeleted:()=>y(f.organization(n,`teams`),{replace:!0})})]})}function Te({teamId:e}){let{rows:t}=J(),n=t.filter(({team:t})=>t.id===e);return n.length===0?null:(0,$.jsx)(F,{level:2,title:`Requests for access`,children:(0,$.jsx)(K,{rows:n,isOneTeam:!0})})}export{we as Component};