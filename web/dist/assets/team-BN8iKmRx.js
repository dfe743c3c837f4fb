import{t as e}from"./ellipsis-2-9ODEVd.js";import{B as t,Br as n,Dr as r,Fr as i,H as a,K as o,L as s,N as c,Nr as l,Rr as u,V as d,W as f,a as p,dr as m,hr as h,i as g,ir as _,kr as v,lr as y,or as b,s as x,yr as S,z as C}from"./index-ChbKHFs1.js";import{t as ee}from"./trash-DOemhlLj.js";import{$ as w,A as T,C as E,Ct as te,F as D,H as O,I as k,J as A,L as j,R as M,X as N,Y as ne,Z as re,b as ie,d as P,f as F,g as I,h as L,q as R,tt as z,u as B,x as V,y as H}from"./shared-uM1f4EoD.js";import{c as U,d as W,f as G,i as K,n as q,o as J,p as Y,r as ae,s as X,t as oe,u as se}from"./own-place-CqpiZoLE.js";var Z={name:`pencil`,size:24,node:[[`path`,{d:`M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z`,key:`1a8usu`}],[`path`,{d:`m15 5 4 4`,key:`1mk7zo`}]]};Z.node;var ce=y(Z),Q=n(u(),1),$=m();function le({team:e,isOpen:t,onClose:n,onDeleted:r}){let{run:i,isRunning:a}=N(se),[o,s]=(0,Q.useState)();async function c(){let t=await i({input:{teamId:e.id}});s(A(t,[])),t.kind===`ok`&&(d(`${e.name} is deleted.`),r())}return(0,$.jsx)(D,{title:`Delete ${e.name}?`,action:`Delete`,confirmText:e.slug,isOpen:t,isPending:a,errors:o,onConfirm:c,onClose:n,children:`It disappears at once, for everybody, with the places in it and the requests for access. Its members stay in the organization. This cannot be taken back.`})}function ue({team:e,isOpen:t,onClose:n}){return(0,$.jsx)(g,{title:`Edit ${e.name}`,isOpen:t,onClose:n,children:(0,$.jsx)(de,{team:e,onClose:n})})}function de({team:e,onClose:t}){let{isSuperuser:n}=T(),[r,i]=(0,Q.useState)(e.name),[a,s]=(0,Q.useState)(e.slug),[c,l]=(0,Q.useState)(e.isIdpProvisioned),[u,f]=(0,Q.useState)(),{run:m,isRunning:h}=N(G);async function g(){let n=await m({input:{teamId:e.id,...r!==e.name&&{name:r},...a!==e.slug&&{slug:a},...c!==e.isIdpProvisioned&&{isIdpProvisioned:c}}});f(A(n,[`name`,`slug`])),n.kind===`ok`&&n.payload.team&&(d(`${n.payload.team.name} is saved.`),t())}return(0,$.jsxs)(R,{errors:u,onSubmit:g,children:[(0,$.jsx)(O,{label:`Name`,name:`name`,value:r,onChange:i,isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,$.jsx)(O,{label:`Name in addresses`,description:`Links with the old one stop working.`,name:`slug`,value:a,onChange:s,isRequired:!0,isMonospaced:!0,autoComplete:`off`}),n&&(0,$.jsx)(B,{label:`Managed by the identity provider`,description:`Nobody is put in or taken out here then. Only superusers see this.`,isSelected:c,onChange:l}),(0,$.jsxs)(p,{children:[(0,$.jsx)(o,{onPress:t,children:`Cancel`}),(0,$.jsx)(o,{type:`submit`,variant:`primary`,isPending:h,children:`Save`})]})]})}var fe=w(`
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
`);function pe({teamId:e,value:t,onChange:n,...r}){let{slug:i}=T(),[a,o]=(0,Q.useState)(``),[{data:s,fetching:c}]=S({query:fe,variables:{slug:i,query:a.trim()||null}}),l=(s?.organization?.members.nodes??[]).filter(e=>e!==null),u=l.filter(({role:t,teamMemberships:n})=>t.isTeamRolesAllowed&&n.every(({team:t})=>t.id!==e)).map(({id:e,name:t,email:n})=>({id:e,name:t,...n&&n!==t&&{description:n}}));return(0,$.jsx)(H,{...r,placeholder:`Name or address…`,isFiltered:!0,options:u,value:t,onChange:e=>n(e,l.find(({id:t})=>t===e)?.name??``),inputValue:a,onInputChange:o,nothing:c?`Looking…`:`Nobody who is not in the team yet`})}function me({team:e,addsAtOnce:t}){let[n,r]=(0,Q.useState)(null),[i,a]=(0,Q.useState)(0),[s,c]=(0,Q.useState)(),{run:l,isRunning:u}=N(U);async function f(){if(!n)return;let t=await l({input:{teamId:e.id,memberId:n.id}});c(A(t,[`memberId`])),t.kind===`ok`&&(d(t.payload.accessRequest?`${n.name} gets in once somebody approves it.`:`${n.name} is in ${e.name} now.`),r(null),a(i+1))}return(0,$.jsx)(R,{errors:s,onSubmit:f,children:(0,$.jsxs)(`div`,{className:X.add,children:[(0,$.jsx)(`div`,{className:X.picker,children:(0,$.jsx)(pe,{label:`Add a member`,name:`memberId`,description:t?void 0:`Membership is closed here: whoever decides about this team is asked.`,teamId:e.id,value:n?.id??null,onChange:(e,t)=>r(e===null?null:{id:e,name:t})},i)}),(0,$.jsx)(o,{type:`submit`,isDisabled:!n,isPending:u,children:t?`Add`:`Ask for access`})]})})}function he({team:e,member:t,onClose:n}){let{run:r,isRunning:i}=N(W),[a,o]=(0,Q.useState)();function s(){o(void 0),n()}async function c(){if(!t)return;let i=await r({input:{teamId:e.id,memberId:t.id}});o(A(i,[])),i.kind===`ok`&&(d(`${t.name} is out of ${e.name}.`),n())}return(0,$.jsx)(D,{title:t?`Take ${t.name} out of ${e.name}?`:``,action:`Take out`,isOpen:t!==null,isPending:i,errors:a,onConfirm:c,onClose:s,children:`They stay a member of the organization, and lose their role in this team.`})}var ge=w(`
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
`),ye=e=>e.organization?.team?.memberships;function be({team:e,rights:t}){let{slug:n}=T(),r=(0,Q.useCallback)(t=>({slug:n,team:e.slug,after:t}),[n,e.slug]),i=V({query:_e,variables:r,connection:ye}),[a,o]=(0,Q.useState)(null),c=t.canManageMembers&&!e.isIdpProvisioned,l=[{name:`Member`,cell:({member:e})=>(0,$.jsx)(xe,{member:e})},{name:`Role`,cell:({member:e})=>(0,$.jsx)(`span`,{className:X.muted,children:e.role.name})},{name:`Role in the team`,cell:n=>(0,$.jsx)(Se,{place:n,team:e,rights:t})},{name:`Remove`,isNameHidden:!0,isAtEnd:!0,cell:e=>c&&!e.member.isViewer&&(0,$.jsx)(x,{label:`Take ${e.member.name} out of the team`,size:`small`,onPress:()=>o(e),children:(0,$.jsx)(b,{size:16,"aria-hidden":`true`})})}],u=z(ge,i.rows);return(0,$.jsxs)(F,{level:2,title:i.totalCount?`Members (${i.totalCount.toLocaleString()})`:`Members`,children:[(0,$.jsxs)(`div`,{className:X.part,children:[t.canAddMembers&&(0,$.jsx)(me,{team:e,addsAtOnce:t.addsAtOnce}),i.isFirstLoad?(0,$.jsx)(s,{count:5}):i.failure&&u.length===0?(0,$.jsx)(C,{failure:i.failure,onRetry:i.retry}):u.length===0?(0,$.jsx)(_,{icon:(0,$.jsx)(te,{size:28}),title:`Nobody is in this team yet`}):(0,$.jsx)(ie,{label:`Members of the team`,columns:l,rows:u,rowKey:({id:e})=>e}),(0,$.jsx)(k,{hasMore:i.hasMore,isLoading:i.isLoading,onLoadMore:i.loadMore})]}),(0,$.jsx)(he,{team:e,member:a?.member??null,onClose:()=>o(null)})]})}function xe({member:e}){let{slug:t}=T();return(0,$.jsx)(P,{avatar:e.user?.avatar,name:(0,$.jsxs)(`span`,{className:X.line,children:[(0,$.jsx)(r,{to:`${f.organization(t,`members`)}?member=${encodeURIComponent(e.id)}`,className:X.name,children:e.name}),e.isViewer&&(0,$.jsx)(`span`,{className:X.muted,children:`(you)`}),e.isPending&&(0,$.jsx)(j,{tone:`info`,children:`Pending`})]}),note:e.email!==e.name&&e.email})}function Se({place:e,team:n,rights:r}){let[{data:i}]=S({query:ve}),{run:a}=N(Y),{member:o,effectiveRole:s}=e,c=o.role.minimumTeamRole.priority,l=(i?.teamRoles??[]).filter(({priority:e})=>e>=c&&e<=r.highestRole);if(!(r.canManageMembers&&s.priority<=r.highestRole&&l.length>1))return s.name;async function u(e){let r=await a({input:{teamId:n.id,memberId:o.id,teamRole:e}});r.kind!==`ok`&&t(ne(r))}return(0,$.jsx)(`span`,{className:X.role,children:(0,$.jsx)(E,{label:`Role of ${o.name} in the team`,isLabelHidden:!0,options:l,value:s.id,onChange:u})})}var Ce=w(`
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
`);function we(){let{slug:t}=T(),{team:n=``}=i(),[{data:o,error:u},d]=S({query:Ce,variables:{slug:t,team:n}}),[p,m]=(0,Q.useState)(null),g=ae(),_=l(),y=o?.organization?.team;if(!y||!g)return u?(0,$.jsx)(C,{failure:h(u),onRetry:d}):o&&g?(0,$.jsx)(a,{what:`team`}):(0,$.jsx)(s,{});if(y.slug!==n)return(0,$.jsx)(v,{replace:!0,to:f.team(t,y.slug)});let b=g.rightsIn(z(q,y));return(0,$.jsxs)($.Fragment,{children:[(0,$.jsx)(r,{to:f.organization(t,`teams`),className:X.back,children:`Teams`}),(0,$.jsx)(M,{title:y.name,lead:(0,$.jsxs)($.Fragment,{children:[(0,$.jsx)(`code`,{children:y.slug}),` · made `,(0,$.jsx)(re,{at:y.createdAt})]}),actions:(0,$.jsxs)($.Fragment,{children:[(0,$.jsx)(oe,{team:y,name:y.name}),(b.canUpdate||b.canDelete)&&(0,$.jsxs)(L,{trigger:(0,$.jsx)(x,{label:`More about this team`,variant:`secondary`,children:(0,$.jsx)(e,{size:18,"aria-hidden":`true`})}),children:[b.canUpdate&&(0,$.jsx)(I,{onAction:()=>m(`edit`),icon:(0,$.jsx)(ce,{size:16,"aria-hidden":`true`}),children:`Edit name`}),b.canDelete&&(0,$.jsx)(I,{isDangerous:!0,onAction:()=>m(`delete`),icon:(0,$.jsx)(ee,{size:16,"aria-hidden":`true`}),children:`Delete`})]})]})}),(0,$.jsxs)(`div`,{className:X.part,children:[y.isIdpProvisioned&&(0,$.jsx)(c,{children:`The identity provider manages this team: who is in it is changed there, and it is deleted there.`}),(0,$.jsx)(Te,{teamId:y.id}),(0,$.jsx)(be,{team:y,rights:b})]}),(0,$.jsx)(ue,{team:y,isOpen:p===`edit`,onClose:()=>m(null)}),(0,$.jsx)(le,{team:y,isOpen:p===`delete`,onClose:()=>m(null),onDeleted:()=>_(f.organization(t,`teams`),{replace:!0})})]})}function Te({teamId:e}){let{rows:t}=J(),n=t.filter(({team:t})=>t.id===e);return n.length===0?null:(0,$.jsx)(F,{level:2,title:`Requests for access`,children:(0,$.jsx)(K,{rows:n,isOneTeam:!0})})}export{we as Component};