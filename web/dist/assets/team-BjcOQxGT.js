import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{t}from"./ellipsis-CElTDP6h.js";import{Fn as n,Ln as r,Mn as i,On as a,Vn as o,c as s,d as c,i as l,kn as u,m as d,n as f,o as p,p as m,t as h,u as g,wr as _}from"./dialog-CCpx6r1f.js";import{t as v}from"./trash-nO-c3yVb.js";import{a as y,m as ee,p as te,s as b}from"./loading-y-6WcaPu.js";import{i as x,n as S,r as C,t as w}from"./mutation-Ckl1SEfw.js";import{d as T}from"./index-BceMC-60.js";import{n as E}from"./organization-DuSGXqLV.js";import{t as D}from"./error-state-DOX6461l.js";import{n as O,t as ne}from"./menu-7t5qQ6zP.js";import{t as re}from"./page-header-L0QUA8UG.js";import{t as ie}from"./relative-time-B91wVu1_.js";import{t as k}from"./fragment-masking-DSZC2_uz.js";import{n as A,t as j}from"./switch-YYR4-gR2.js";import{c as M,d as N,f as P,i as F,n as I,o as L,p as R,r as z,s as B,t as V,u as H}from"./own-place-B0fl8rIu.js";import{t as U}from"./confirm-dialog-D8gefk2X.js";import{t as W}from"./form-BXybd3IG.js";import{t as G}from"./text-field-B9lpM1Yy.js";import{t as K}from"./users-round-BU-HPMRE.js";import{t as q}from"./connection-BjNUacgl.js";import{t as J}from"./badge-mEKoaDR5.js";import{t as Y}from"./load-more-CrJWmopg.js";import{t as ae}from"./person-BoBg9O-y.js";import{t as oe}from"./select-CgOW004m.js";import{t as se}from"./table-B-NW4kwK.js";import{t as ce}from"./combo-box-BSVLPNIu.js";var X={name:`pencil`,size:24,node:[[`path`,{d:`M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174a2 2 0 0 0-.5.83l-1.321 4.352a.5.5 0 0 0 .623.622l4.353-1.32a2 2 0 0 0 .83-.497z`,key:`1a8usu`}],[`path`,{d:`m15 5 4 4`,key:`1mk7zo`}]]};X.node;var le=n(X),Z=e(_(),1),Q=u();function ue({team:e,isOpen:t,onClose:n,onDeleted:r}){let{run:i,isRunning:a}=C(H),[o,s]=(0,Z.useState)();async function l(){let t=await i({input:{teamId:e.id}});s(w(t,[])),t.kind===`ok`&&(c(`${e.name} is deleted.`),r())}return(0,Q.jsx)(U,{title:`Delete ${e.name}?`,action:`Delete`,confirmText:e.slug,isOpen:t,isPending:a,errors:o,onConfirm:l,onClose:n,children:`It disappears at once, for everybody, with the places in it and the requests for access. Its members stay in the organization. This cannot be taken back.`})}function de({team:e,isOpen:t,onClose:n}){return(0,Q.jsx)(h,{title:`Edit ${e.name}`,isOpen:t,onClose:n,children:(0,Q.jsx)(fe,{team:e,onClose:n})})}function fe({team:e,onClose:t}){let{isSuperuser:n}=E(),[r,i]=(0,Z.useState)(e.name),[a,o]=(0,Z.useState)(e.slug),[s,l]=(0,Z.useState)(e.isIdpProvisioned),[u,p]=(0,Z.useState)(),{run:m,isRunning:h}=C(P);async function g(){let n=await m({input:{teamId:e.id,...r!==e.name&&{name:r},...a!==e.slug&&{slug:a},...s!==e.isIdpProvisioned&&{isIdpProvisioned:s}}});p(w(n,[`name`,`slug`])),n.kind===`ok`&&n.payload.team&&(c(`${n.payload.team.name} is saved.`),t())}return(0,Q.jsxs)(W,{errors:u,onSubmit:g,children:[(0,Q.jsx)(G,{label:`Name`,name:`name`,value:r,onChange:i,isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,Q.jsx)(G,{label:`Name in addresses`,description:`Links with the old one stop working.`,name:`slug`,value:a,onChange:o,isRequired:!0,isMonospaced:!0,autoComplete:`off`}),n&&(0,Q.jsx)(j,{label:`Managed by the identity provider`,description:`Nobody is put in or taken out here then. Only superusers see this.`,isSelected:s,onChange:l}),(0,Q.jsxs)(f,{children:[(0,Q.jsx)(d,{onPress:t,children:`Cancel`}),(0,Q.jsx)(d,{type:`submit`,variant:`primary`,isPending:h,children:`Save`})]})]})}var pe=x(`
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
`);function me({teamId:e,value:t,onChange:n,...r}){let{slug:i}=E(),[a,s]=(0,Z.useState)(``),[{data:c,fetching:l}]=o({query:pe,variables:{slug:i,query:a.trim()||null}}),u=(c?.organization?.members.nodes??[]).filter(e=>e!==null),d=u.filter(({role:t,teamMemberships:n})=>t.isTeamRolesAllowed&&n.every(({team:t})=>t.id!==e)).map(({id:e,name:t,email:n})=>({id:e,name:t,...n&&n!==t&&{description:n}}));return(0,Q.jsx)(ce,{...r,placeholder:`Name or address…`,isFiltered:!0,options:d,value:t,onChange:e=>n(e,u.find(({id:t})=>t===e)?.name??``),inputValue:a,onInputChange:s,nothing:l?`Looking…`:`Nobody who is not in the team yet`})}function he({team:e,addsAtOnce:t}){let[n,r]=(0,Z.useState)(null),[i,a]=(0,Z.useState)(0),[o,s]=(0,Z.useState)(),{run:l,isRunning:u}=C(M);async function f(){if(!n)return;let t=await l({input:{teamId:e.id,memberId:n.id}});s(w(t,[`memberId`])),t.kind===`ok`&&(c(t.payload.accessRequest?`${n.name} gets in once somebody approves it.`:`${n.name} is in ${e.name} now.`),r(null),a(i+1))}return(0,Q.jsx)(W,{errors:o,onSubmit:f,children:(0,Q.jsxs)(`div`,{className:B.add,children:[(0,Q.jsx)(`div`,{className:B.picker,children:(0,Q.jsx)(me,{label:`Add a member`,name:`memberId`,description:t?void 0:`Membership is closed here: whoever decides about this team is asked.`,teamId:e.id,value:n?.id??null,onChange:(e,t)=>r(e===null?null:{id:e,name:t})},i)}),(0,Q.jsx)(d,{type:`submit`,isDisabled:!n,isPending:u,children:t?`Add`:`Ask for access`})]})})}function ge({team:e,member:t,onClose:n}){let{run:r,isRunning:i}=C(N),[a,o]=(0,Z.useState)();function s(){o(void 0),n()}async function l(){if(!t)return;let i=await r({input:{teamId:e.id,memberId:t.id}});o(w(i,[])),i.kind===`ok`&&(c(`${t.name} is out of ${e.name}.`),n())}return(0,Q.jsx)(U,{title:t?`Take ${t.name} out of ${e.name}?`:``,action:`Take out`,isOpen:t!==null,isPending:i,errors:a,onConfirm:l,onClose:s,children:`They stay a member of the organization, and lose their role in this team.`})}var _e=x(`
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
`),ve=x(`
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
`),ye=x(`
  query TeamRoles {
    teamRoles {
      id
      name
      description
      priority
    }
  }
`),be=e=>e.organization?.team?.memberships;function $({team:e,rights:t}){let{slug:n}=E(),r=(0,Z.useCallback)(t=>({slug:n,team:e.slug,after:t}),[n,e.slug]),o=q({query:ve,variables:r,connection:be}),[c,u]=(0,Z.useState)(null),d=t.canManageMembers&&!e.isIdpProvisioned,f=[{name:`Member`,cell:({member:e})=>(0,Q.jsx)(xe,{member:e})},{name:`Role`,cell:({member:e})=>(0,Q.jsx)(`span`,{className:B.muted,children:e.role.name})},{name:`Role in the team`,cell:n=>(0,Q.jsx)(Se,{place:n,team:e,rights:t})},{name:`Remove`,isNameHidden:!0,isAtEnd:!0,cell:e=>d&&!e.member.isViewer&&(0,Q.jsx)(l,{label:`Take ${e.member.name} out of the team`,size:`small`,onPress:()=>u(e),children:(0,Q.jsx)(i,{size:16,"aria-hidden":`true`})})}],p=k(_e,o.rows);return(0,Q.jsxs)(A,{level:2,title:o.totalCount?`Members (${o.totalCount.toLocaleString()})`:`Members`,children:[(0,Q.jsxs)(`div`,{className:B.part,children:[t.canAddMembers&&(0,Q.jsx)(he,{team:e,addsAtOnce:t.addsAtOnce}),o.isFirstLoad?(0,Q.jsx)(s,{count:5}):o.failure&&p.length===0?(0,Q.jsx)(D,{failure:o.failure,onRetry:o.retry}):p.length===0?(0,Q.jsx)(a,{icon:(0,Q.jsx)(K,{size:28}),title:`Nobody is in this team yet`}):(0,Q.jsx)(se,{label:`Members of the team`,columns:f,rows:p,rowKey:({id:e})=>e}),(0,Q.jsx)(Y,{hasMore:o.hasMore,isLoading:o.isLoading,onLoadMore:o.loadMore})]}),(0,Q.jsx)(ge,{team:e,member:c?.member??null,onClose:()=>u(null)})]})}function xe({member:e}){let{slug:t}=E();return(0,Q.jsx)(ae,{avatar:e.user?.avatar,name:(0,Q.jsxs)(`span`,{className:B.line,children:[(0,Q.jsx)(y,{to:`${m.organization(t,`members`)}?member=${encodeURIComponent(e.id)}`,className:B.name,children:e.name}),e.isViewer&&(0,Q.jsx)(`span`,{className:B.muted,children:`(you)`}),e.isPending&&(0,Q.jsx)(J,{tone:`info`,children:`Pending`})]}),note:e.email!==e.name&&e.email})}function Se({place:e,team:t,rights:n}){let[{data:r}]=o({query:ye}),{run:i}=C(R),{member:a,effectiveRole:s}=e,c=a.role.minimumTeamRole.priority,l=(r?.teamRoles??[]).filter(({priority:e})=>e>=c&&e<=n.highestRole);if(!(n.canManageMembers&&s.priority<=n.highestRole&&l.length>1))return s.name;async function u(e){let n=await i({input:{teamId:t.id,memberId:a.id,teamRole:e}});n.kind!==`ok`&&g(S(n))}return(0,Q.jsx)(`span`,{className:B.role,children:(0,Q.jsx)(oe,{label:`Role of ${a.name} in the team`,isLabelHidden:!0,options:l,value:s.id,onChange:u})})}var Ce=x(`
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
`);function we(){let{slug:e}=E(),{team:n=``}=ee(),[{data:i,error:a},c]=o({query:Ce,variables:{slug:e,team:n}}),[u,d]=(0,Z.useState)(null),f=z(),h=te(),g=i?.organization?.team;if(!g||!f)return a?(0,Q.jsx)(D,{failure:r(a),onRetry:c}):i&&f?(0,Q.jsx)(T,{what:`team`}):(0,Q.jsx)(s,{});if(g.slug!==n)return(0,Q.jsx)(b,{replace:!0,to:m.team(e,g.slug)});let _=f.rightsIn(k(I,g));return(0,Q.jsxs)(Q.Fragment,{children:[(0,Q.jsx)(y,{to:m.organization(e,`teams`),className:B.back,children:`Teams`}),(0,Q.jsx)(re,{title:g.name,lead:(0,Q.jsxs)(Q.Fragment,{children:[(0,Q.jsx)(`code`,{children:g.slug}),` · made `,(0,Q.jsx)(ie,{at:g.createdAt})]}),actions:(0,Q.jsxs)(Q.Fragment,{children:[(0,Q.jsx)(V,{team:g,name:g.name}),(_.canUpdate||_.canDelete)&&(0,Q.jsxs)(ne,{trigger:(0,Q.jsx)(l,{label:`More about this team`,variant:`secondary`,children:(0,Q.jsx)(t,{size:18,"aria-hidden":`true`})}),children:[_.canUpdate&&(0,Q.jsx)(O,{onAction:()=>d(`edit`),icon:(0,Q.jsx)(le,{size:16,"aria-hidden":`true`}),children:`Edit name`}),_.canDelete&&(0,Q.jsx)(O,{isDangerous:!0,onAction:()=>d(`delete`),icon:(0,Q.jsx)(v,{size:16,"aria-hidden":`true`}),children:`Delete`})]})]})}),(0,Q.jsxs)(`div`,{className:B.part,children:[g.isIdpProvisioned&&(0,Q.jsx)(p,{children:`The identity provider manages this team: who is in it is changed there, and it is deleted there.`}),(0,Q.jsx)(Te,{teamId:g.id}),(0,Q.jsx)($,{team:g,rights:_})]}),(0,Q.jsx)(de,{team:g,isOpen:u===`edit`,onClose:()=>d(null)}),(0,Q.jsx)(ue,{team:g,isOpen:u===`delete`,onClose:()=>d(null),onDeleted:()=>h(m.organization(e,`teams`),{replace:!0})})]})}function Te({teamId:e}){let{rows:t}=L(),n=t.filter(({team:t})=>t.id===e);return n.length===0?null:(0,Q.jsx)(A,{level:2,title:`Requests for access`,children:(0,Q.jsx)(F,{rows:n,isOneTeam:!0})})}export{we as Component};