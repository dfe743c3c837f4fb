import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{Fn as t,Ln as n,Mn as r,On as i,Vn as a,c as o,d as s,i as c,jn as l,kn as u,m as d,n as f,ot as p,p as m,u as h,v as g,wr as _,y as v}from"./dialog-CCpx6r1f.js";import{a as ee,h as y,p as te,r as ne}from"./loading-y-6WcaPu.js";import{n as b}from"./organization-DuSGXqLV.js";import{t as re}from"./page-header-L0QUA8UG.js";import{i as x,r as S,t as C}from"./mutation-Ckl1SEfw.js";import{t as ie}from"./drawer-Ciy0AdyW.js";import{t as w}from"./error-state-DOX6461l.js";import{n as T,t as ae}from"./switch-YYR4-gR2.js";import{a as oe,i as se,n as ce,r as le,t as ue}from"./leave-dialog-Cuimj8-7.js";import{t as E}from"./confirm-dialog-D8gefk2X.js";import{t as D}from"./badge-mEKoaDR5.js";import{t as O}from"./fragment-masking-DSZC2_uz.js";import{t as de}from"./copy-button-Ys9OnNNY.js";import{t as k}from"./facts-DYBkkCPR.js";import{t as A}from"./person-BoBg9O-y.js";import{t as j}from"./relative-time-B91wVu1_.js";import{t as fe}from"./form-BXybd3IG.js";import{t as M}from"./select-CgOW004m.js";import{t as N}from"./team-picker-Cr7FhGeY.js";import{t as pe}from"./search-x-Bt1RbJTN.js";import{t as me}from"./users-DG8S2jAd.js";import{t as he}from"./connection-BjNUacgl.js";import{n as ge,t as _e}from"./virtual-list-xp2uAY1R.js";import{t as ve}from"./search-field-DuY0GG72.js";import{t as P}from"./popover-COjOoAbZ.js";var F={name:`circle-question-mark`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`10`,key:`1mglay`}],[`path`,{d:`M9 9.5a3 2.5 0 016 0c0 2-2 2-3 3.5`,key:`1awbb0`}],[`path`,{d:`M12 17h.01`,key:`p32p05`}]],aliases:[`help-circle`,`circle-help`]};F.node;var ye=t(F),I=e(_(),1),L={who:`_who_xzuec_1`,teams:`_teams_xzuec_9`,team:`_team_xzuec_9`,teamName:`_teamName_xzuec_22`,muted:`_muted_xzuec_29`,flags:`_flags_xzuec_33`,actions:`_actions_xzuec_39`},R=u();function be({member:e,isOpen:t,onClose:n,onRemoved:r}){let{run:i,isRunning:a}=S(ce),[o,c]=(0,I.useState)();async function l(){let t=await i({input:{memberId:e.id}});c(C(t,[])),t.kind===`ok`&&(s(e.isPending?`The invite of ${e.name} is withdrawn.`:`${e.name} is removed.`),r())}return(0,R.jsx)(E,{title:e.isPending?`Withdraw the invite?`:`Remove ${e.name}?`,action:e.isPending?`Withdraw`:`Remove`,isOpen:t,isPending:a,errors:o,onConfirm:l,onClose:n,children:e.isPending?`The link that ${e.name} has will not work any more. The address can be invited again.`:`Their places in teams go with them, and the invites that they have sent and nobody has answered. They can be invited again.`})}function xe({member:e,isOpen:t,onClose:n}){let r=b(),{run:i,isRunning:a}=S(se),[o,c]=(0,I.useState)();async function l(){let t=await i({input:{organizationId:r.id,toMemberId:e.id}});c(C(t,[])),t.kind===`ok`&&(s(`${e.name} is owner now, and you are a manager.`),n())}return(0,R.jsxs)(E,{title:`Make ${e.name} owner?`,action:`Hand over`,confirmText:r.slug,isOpen:t,isPending:a,errors:o,onConfirm:l,onClose:n,children:[e.name,` becomes owner of `,r.name,`, and you a manager, at once. Only an owner can make you owner again.`]})}var Se=x(`
  query Ownership($slug: String!) {
    roles {
      id
      priority
    }
    organization(slug: $slug) {
      id
      viewerMembership {
        id
        role {
          id
          priority
        }
      }
    }
  }
`);function Ce(){let{slug:e,can:t}=b(),[{data:n}]=a({query:Se,variables:{slug:e}}),r=n?.organization?.viewerMembership?.role.priority;return r!==void 0&&n?.roles.every(({priority:e})=>e<=r)===!0&&t(`org:admin`)&&t(`member:admin`)}function we({member:e,onGone:t}){let[n,r]=(0,I.useState)(null),i=Ce(),a=b(),o=te(),s=()=>r(null),c=i&&!e.isViewer&&!e.isPending,l=e.viewerCanRemove&&!e.isViewer;return!c&&!l&&!e.isViewer?null:(0,R.jsxs)(T,{title:e.isViewer?`Your membership`:`More`,children:[(0,R.jsxs)(`div`,{className:L.actions,children:[c&&(0,R.jsx)(d,{onPress:()=>r(`transfer`),children:`Make owner instead of me`}),l&&(0,R.jsx)(d,{onPress:()=>r(`remove`),children:e.isPending?`Withdraw the invite`:`Remove`}),e.isViewer&&(0,R.jsx)(d,{isDisabled:e.isOnlyOwner,onPress:()=>r(`leave`),children:`Leave the organization`})]}),e.isOnlyOwner&&(0,R.jsxs)(`p`,{className:L.muted,children:[e.isViewer?`You are`:`${e.name} is`,` the only owner, and an organization keeps one. Make somebody else owner first.`]}),(0,R.jsx)(xe,{member:e,isOpen:n===`transfer`,onClose:s}),(0,R.jsx)(be,{member:e,isOpen:n===`remove`,onClose:s,onRemoved:t}),(0,R.jsx)(ue,{organization:a,isOpen:n===`leave`,onClose:s,onLeft:()=>o(m.home)})]})}var Te=x(`
  fragment MemberDetails on Member {
    id
    name
    email
    isPending
    isViewer
    isOnlyOwner
    hasTwoFactor
    createdAt
    viewerCanRemove
    viewerCanUpdateRoles
    role {
      id
      ...OrgRoleChoice
    }
    assignableRoles {
      ...OrgRoleChoice
    }
    teamMemberships {
      id
      team {
        id
        name
        slug
        isIdpProvisioned
      }
      role {
        id
        name
      }
      effectiveRole {
        id
        name
      }
    }
    flags {
      idpProvisioned
      idpRoleRestricted
      memberLimitRestricted
      partnershipRestricted
      ssoInvalid
      ssoLinked
    }
    invite {
      id
      expiresAt
      inviter {
        id
        name
      }
    }
    user {
      id
      isEmailVerified
      avatar {
        ...AvatarImage
      }
    }
  }
`),z=x(`
  fragment OrgRoleChoice on OrgRole {
    id
    name
    description
    priority
    isTeamRolesAllowed
    minimumTeamRole {
      id
      name
      priority
    }
  }
`);function Ee({member:e}){let{user:t,invite:n,hasTwoFactor:r}=e,i=t?.isEmailVerified??null;return(0,R.jsxs)(R.Fragment,{children:[(0,R.jsxs)(`div`,{className:L.who,children:[(0,R.jsx)(A,{size:`large`,avatar:t?.avatar,name:(0,R.jsxs)(R.Fragment,{children:[e.name,e.isViewer&&` (you)`]}),note:e.email}),e.email&&(0,R.jsx)(de,{text:e.email,children:`Copy address`})]}),(0,R.jsx)(k,{facts:[[`State`,e.isPending?(0,R.jsx)(D,{tone:`info`,children:`Pending`}):`Joined`],[`Since`,(0,R.jsx)(j,{at:e.createdAt},`since`)],[`Invited by`,n?.inviter?.name],[`Invite good until`,n?.expiresAt&&(0,R.jsx)(j,{at:n.expiresAt})],[`Second factor`,r===null?null:r?`In use`:`Not in use`],[`Address`,i===null?null:i?`Verified`:`Not verified`]]})]})}var B=[{flag:`memberLimitRestricted`,name:`Disabled`,description:`The organization has more members than it may have. The person can only look at this and leave.`,tone:`danger`},{flag:`ssoInvalid`,name:`Sign-on lapsed`,description:`The linked identity is not valid any more. The person has to sign in through the provider again.`,tone:`warning`},{flag:`ssoLinked`,name:`Single sign-on`,description:`The person has linked an identity of the organization's sign-on provider.`,tone:`success`},{flag:`idpProvisioned`,name:`From the provider`,description:`Created by the identity provider, and cannot be removed here.`},{flag:`idpRoleRestricted`,name:`Role from the provider`,description:`The role is managed by the identity provider, and cannot be changed here.`},{flag:`partnershipRestricted`,name:`Partner`,description:`Managed by a partner: can be neither changed nor removed.`}];function De({member:e}){let{can:t,isSuperuser:n}=b(),{run:r}=S(le),i=n&&t(`member:admin`),a=B.filter(({flag:t})=>i||e.flags[t]);if(a.length===0)return null;async function o(t,n){let i=await r({input:{memberId:e.id,[t]:n}});i.kind===`refused`&&h(i.userErrors.map(({message:e})=>e).join(` `)),i.kind===`failed`&&h(i.failure.message)}return(0,R.jsx)(T,{title:`Flags`,lead:i?`Only superusers change these. Each counts at once.`:void 0,children:(0,R.jsx)(`div`,{className:L.flags,children:a.map(({flag:t,name:n,description:r,tone:a})=>i?(0,R.jsx)(ae,{label:n,description:r,isSelected:e.flags[t],onChange:e=>o(t,e)},t):(0,R.jsxs)(`p`,{children:[(0,R.jsx)(D,{tone:a,children:n}),` `,(0,R.jsx)(`span`,{className:L.muted,children:r})]},t))})})}function V(e){return{orgRole:e.role.id,teams:e.teamMemberships.map(({team:e,role:t})=>({slug:e.slug,name:e.name,role:t?.id??null}))}}function Oe(e,t){let{orgRole:n,teams:r}=V(e),i=JSON.stringify(H(r))!==JSON.stringify(H(t.teams));return{...t.orgRole!==n&&{orgRole:t.orgRole},...i&&{teamRoles:t.teams.map(({slug:e,role:t})=>({teamSlug:e,role:t}))}}}function H(e){return e.map(({slug:e,role:t})=>[e,t]).sort()}var ke=x(`
  fragment TeamRoleChoice on TeamRole {
    id
    name
    description
    priority
  }
`);function Ae({role:e,teamRoles:t,teams:n,managedSlugs:i,onChange:a}){let{minimumTeamRole:o}=e,s=O(ke,t).filter(({priority:e})=>e>o.priority),l=[{id:``,name:o.name,description:`What the role ${e.name} gives in every team`},...s];return e.isTeamRolesAllowed?(0,R.jsxs)(`div`,{className:L.teams,children:[n.map((e,t)=>(0,R.jsxs)(`div`,{className:L.team,children:[(0,R.jsx)(`span`,{className:L.teamName,children:e.name}),(0,R.jsx)(M,{label:`Role in ${e.name}`,isLabelHidden:!0,name:`teamRoles.${t}.role`,isDisabled:s.length===0||i.includes(e.slug),options:l,value:s.some(({id:t})=>t===e.role)?e.role:``,onChange:t=>a(n.map(n=>n===e?{...e,role:t||null}:n))}),(0,R.jsx)(c,{label:i.includes(e.slug)?`${e.name} is managed by the identity provider`:`Take out of ${e.name}`,isDisabled:i.includes(e.slug),onPress:()=>a(n.filter(t=>t!==e)),children:(0,R.jsx)(r,{size:16,"aria-hidden":`true`})})]},e.slug)),(0,R.jsx)(N,{label:`Add to a team`,name:`teamRoles`,placeholder:`Find a team…`,value:null,without:n.map(({slug:e})=>e),onChange:(e,t)=>e!==null&&a([...n,{slug:e,name:t,role:null}])})]}):(0,R.jsxs)(`p`,{className:L.muted,children:[`Nobody with the role `,e.name,` can be in teams.`]})}function je({member:e,teamRoles:t}){let[n,r]=(0,I.useState)(null),[i,a]=(0,I.useState)(),{run:o,isRunning:c}=S(oe),l=O(z,e.role);if(!e.viewerCanUpdateRoles)return(0,R.jsx)(Pe,{member:e,roleName:l.name});let u=n??V(e),p=O(z,e.assignableRoles),m=p.some(({id:e})=>e===l.id)?p:[l,...p],h=m.find(({id:e})=>e===u.orgRole)??l,g=Oe(e,u),_=Object.keys(g).length>0;async function v(){let t=await o({input:{memberId:e.id,...g}});a(C(t,Me(u))),t.kind===`ok`&&(r(null),s(`${e.name} has been changed.`))}return(0,R.jsx)(T,{title:`Role and teams`,children:(0,R.jsxs)(fe,{errors:i,onSubmit:v,children:[(0,R.jsx)(M,{label:`Role`,name:`orgRole`,description:p.length>1?h.description:Ne(e),isDisabled:m.length<2,options:m,value:u.orgRole,onChange:e=>r({...u,orgRole:e})}),(0,R.jsx)(Ae,{role:h,teamRoles:t,teams:u.teams,managedSlugs:e.teamMemberships.flatMap(({team:e})=>e.isIdpProvisioned?[e.slug]:[]),onChange:e=>r({...u,teams:e})}),_&&(0,R.jsxs)(f,{children:[(0,R.jsx)(d,{onPress:()=>{r(null),a(void 0)},children:`Undo`}),(0,R.jsx)(d,{type:`submit`,variant:`primary`,isPending:c,children:`Save`})]})]})})}function Me({teams:e}){return[`orgRole`,`teamRoles`,...e.map((e,t)=>`teamRoles.${t}.role`)]}function Ne({flags:e,isViewer:t}){return t?`Nobody changes their own role.`:e.partnershipRestricted?`Managed by a partner.`:e.idpRoleRestricted?`Managed by the identity provider.`:`You can give and take roles up to your own.`}function Pe({member:e,roleName:t}){let n=e.teamMemberships.map(({team:e,effectiveRole:t})=>`${e.name} (${t.name})`);return(0,R.jsx)(T,{title:`Role and teams`,children:(0,R.jsx)(k,{facts:[[`Role`,t],[`Teams`,n.length>0?n.join(`, `):`None`]]})})}var Fe=x(`
  query MemberInDrawer($slug: String!, $id: ID!) {
    organization(slug: $slug) {
      id
      member(by: { id: $id }) {
        id
        ...MemberDetails
      }
    }
    teamRoles {
      ...TeamRoleChoice
    }
  }
`);function Ie({id:e,onClose:t}){return(0,R.jsx)(ie,{title:`Member`,isOpen:e!==null,onClose:t,children:e!==null&&(0,R.jsx)(Le,{id:e,onClose:t},e)})}function Le({id:e,onClose:t}){let{slug:r}=b(),[{data:s,error:c},l]=a({query:Fe,variables:{slug:r,id:e}}),u=O(Te,s?.organization?.member);return s?u?(0,R.jsxs)(R.Fragment,{children:[(0,R.jsx)(Ee,{member:u}),(0,R.jsx)(je,{member:u,teamRoles:s.teamRoles}),(0,R.jsx)(De,{member:u}),(0,R.jsx)(we,{member:u,onGone:t})]}):(0,R.jsx)(i,{title:`Not a member any more`,children:`This member is gone, or you may not see who it is.`}):c?(0,R.jsx)(w,{failure:n(c),onRetry:l}):(0,R.jsx)(o,{count:5})}var U={toolbar:`_toolbar_3sj29_1`,search:`_search_3sj29_13`,order:`_order_3sj29_19`,chips:`_chips_3sj29_23`,filters:`_filters_3sj29_30`,hint:`_hint_3sj29_39`,name:`_name_3sj29_56`,badges:`_badges_3sj29_61`,teams:`_teams_3sj29_67`,muted:`_muted_3sj29_75`},Re=x(`
  fragment MemberRow on Member {
    id
    name
    email
    isPending
    isViewer
    createdAt
    role {
      id
      name
    }
    flags {
      idpProvisioned
      idpRoleRestricted
      memberLimitRestricted
      partnershipRestricted
      ssoInvalid
      ssoLinked
    }
    teamMemberships {
      id
      team {
        id
        name
        slug
      }
    }
    user {
      id
      avatar {
        ...AvatarImage
      }
    }
  }
`),ze=[{name:`Member`,width:`2.2fr`,cell:e=>(0,R.jsx)(Be,{member:e})},{name:`Role`,width:`0.8fr`,cell:e=>e.role.name},{name:`Teams`,width:`1.4fr`,cell:e=>(0,R.jsx)(He,{member:e})},{name:`State`,width:`1.2fr`,cell:e=>(0,R.jsx)(Ue,{member:e})},{name:`Since`,width:`0.9fr`,cell:({createdAt:e})=>(0,R.jsx)(`span`,{className:U.muted,children:(0,R.jsx)(j,{at:e})})}];function Be({member:e}){return(0,R.jsx)(A,{avatar:e.user?.avatar,name:(0,R.jsx)(Ve,{member:e}),note:e.email!==e.name&&e.email})}function Ve({member:e}){let[t]=y(),n=new URLSearchParams(t);return n.set(`member`,e.id),(0,R.jsxs)(R.Fragment,{children:[(0,R.jsx)(ee,{to:{search:n.toString()},tabIndex:-1,className:U.name,children:e.name}),e.isViewer&&(0,R.jsx)(`span`,{className:U.muted,children:` (you)`})]})}function He({member:e}){let t=e.teamMemberships.map(({team:e})=>e.name).join(`, `);return t&&(0,R.jsx)(`span`,{className:U.teams,title:t,children:t})}function Ue({member:e}){let t=B.filter(({flag:t})=>e.flags[t]);return!e.isPending&&t.length===0?null:(0,R.jsxs)(`span`,{className:U.badges,children:[e.isPending&&(0,R.jsx)(D,{tone:`info`,children:`Pending`}),t.map(({flag:e,name:t,tone:n})=>(0,R.jsx)(D,{tone:n,children:t},e))]})}var W=[{id:`oldest`,name:`Oldest first`,field:`CREATED_AT`,direction:`ASC`},{id:`newest`,name:`Newest first`,field:`CREATED_AT`,direction:`DESC`},{id:`name`,name:`Name, A to Z`,field:`NAME`,direction:`ASC`},{id:`name-down`,name:`Name, Z to A`,field:`NAME`,direction:`DESC`},{id:`address`,name:`Address, A to Z`,field:`EMAIL`,direction:`ASC`},{id:`role`,name:`Highest role first`,field:`ROLE`,direction:`DESC`},{id:`role-up`,name:`Lowest role first`,field:`ROLE`,direction:`ASC`}];function G(e){let t=W.find(({id:t})=>t===e.get(`order`));return{query:e.get(`q`)??``,role:e.get(`role`),team:e.get(`team`),isPending:K(e.get(`pending`)),isSsoLinked:K(e.get(`sso`)),hasTwoFactor:K(e.get(`2fa`)),order:t?.id??`oldest`}}function K(e){return e===`yes`||e!==`no`&&null}function q(e,t){let n={...G(e),...t},r=new URLSearchParams(e),i=(e,t)=>{t?r.set(e,t):r.delete(e)};return i(`q`,n.query),i(`role`,n.role),i(`team`,n.team),i(`pending`,J(n.isPending)),i(`sso`,J(n.isSsoLinked)),i(`2fa`,J(n.hasTwoFactor)),i(`order`,n.order===`oldest`?null:n.order),r}function J(e){return e===null?null:e?`yes`:`no`}function Y(e){let t={...e.query.trim()&&{query:e.query.trim()},...e.role&&{roles:[e.role]},...e.team&&{teamSlugs:[e.team]},...e.isPending!==null&&{isPending:e.isPending},...e.isSsoLinked!==null&&{isSsoLinked:e.isSsoLinked},...e.hasTwoFactor!==null&&{hasTwoFactor:e.hasTwoFactor}},n=W.find(({id:t})=>t===e.order);return{filter:Object.keys(t).length>0?t:null,orderBy:n&&n.id!==`oldest`?{field:n.field,direction:n.direction}:null}}function We(e){return Y(e).filter!==null}var Ge=x(`
  query Members($slug: String!, $first: Int!, $after: String, $filter: MemberFilter, $orderBy: MemberOrder) {
    organization(slug: $slug) {
      id
      members(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
        totalCount
        nodes {
          id
          ...MemberRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`),Ke=100,qe=50,Je=({id:e})=>e,Ye=e=>e.organization?.members;function Xe({search:e,selectedId:t,onOpen:n,onCount:r}){let{slug:i}=b(),a=(0,I.useCallback)(t=>({slug:i,first:Ke,after:t,...Y(e)}),[i,e]),s=he({query:Ge,variables:a,connection:Ye}),{rows:c,totalCount:l,loadMore:u,watch:f}=s,p=c.length;(0,I.useEffect)(()=>r(l),[r,l]);let m=(0,I.useCallback)((e,t)=>{f(e,t),t>p-qe&&u()},[f,u,p]);return s.isFirstLoad?(0,R.jsx)(o,{count:10}):s.failure&&p===0?(0,R.jsx)(w,{failure:s.failure,onRetry:s.retry}):p===0?(0,R.jsx)(Ze,{isSearched:We(e)}):(0,R.jsx)(_e,{label:`Members`,columns:ze,rows:O(Re,c),rowKey:Je,totalCount:l??p,selectedKey:t,onOpen:n,onView:m,tail:s.failure?(0,R.jsx)(d,{onPress:s.retry,children:`The rest could not be read. Try again`}):s.hasMore&&`Reading more…`})}function Ze({isSearched:e}){return e?(0,R.jsx)(i,{icon:(0,R.jsx)(pe,{size:28}),title:`Nobody found`,children:`Nobody is what you look for. Take away a word or a filter.`}):(0,R.jsx)(i,{icon:(0,R.jsx)(me,{size:28}),title:`Nobody is here yet`,children:`Whoever you invite shows up here, pending until they have joined.`})}var X=x(`
  query MemberFilterRoles {
    roles {
      id
      name
      description
    }
  }
`);function Qe({search:e,onChange:t}){let{can:n}=b(),[{data:r}]=a({query:X}),i=r?.roles??[],o=$(e,i).length;return(0,R.jsxs)(g,{children:[(0,R.jsxs)(d,{children:[(0,R.jsx)(ge,{size:16,"aria-hidden":`true`}),`Filters`,o>0&&(0,R.jsx)(D,{tone:`info`,children:o})]}),(0,R.jsx)(P,{placement:`bottom end`,children:(0,R.jsxs)(v,{"aria-label":`Filters`,className:l(U.filters),children:[(0,R.jsx)(M,{label:`Role`,options:[{id:``,name:`Any`},...i],value:e.role??``,onChange:e=>t({role:e||null})}),(0,R.jsx)(N,{label:`Team`,value:e.team,onChange:e=>t({team:e})}),(0,R.jsx)(Z,{label:`Place`,yes:`Pending`,no:`Joined`,value:e.isPending,onChange:e=>t({isPending:e})}),(0,R.jsx)(Z,{label:`Single sign-on`,yes:`Linked`,no:`Not linked`,value:e.isSsoLinked,onChange:e=>t({isSsoLinked:e})}),n(`member:admin`)&&(0,R.jsx)(Z,{label:`Second factor`,yes:`In use`,no:`Not in use`,value:e.hasTwoFactor,onChange:e=>t({hasTwoFactor:e})})]})})]})}function Z({label:e,yes:t,no:n,value:r,onChange:i}){return(0,R.jsx)(M,{label:e,options:[{id:`any`,name:`Any`},{id:`yes`,name:t},{id:`no`,name:n}],value:r===null?`any`:r?`yes`:`no`,onChange:e=>i(e===`any`?null:e===`yes`)})}function Q({search:e,onChange:t}){let[{data:n}]=a({query:X}),i=$(e,n?.roles??[]);return i.length===0?null:(0,R.jsx)(`div`,{className:U.chips,children:i.map(({text:e,without:n})=>(0,R.jsxs)(d,{size:`small`,"aria-label":`Without: ${e}`,onPress:()=>t(n),children:[e,(0,R.jsx)(r,{size:14,"aria-hidden":`true`})]},e))})}function $(e,t){let{role:n,team:r,isPending:i,isSsoLinked:a,hasTwoFactor:o}=e,s=t.find(({id:e})=>e===n)?.name??n;return[n!==null&&{text:`Role: ${s}`,without:{role:null}},r!==null&&{text:`Team: ${r}`,without:{team:null}},i!==null&&{text:i?`Pending`:`Joined`,without:{isPending:null}},a!==null&&{text:a?`Single sign-on linked`:`Single sign-on not linked`,without:{isSsoLinked:null}},o!==null&&{text:o?`With a second factor`:`Without a second factor`,without:{hasTwoFactor:null}}].filter(e=>e!==!1)}var $e=[[`jane`,`in names and addresses`],[`email:jane@example.com`,`this address`],[`role:manager`,`this role`],[`scope:org:admin`,`whoever may do this`],[`isInvited:true`,`places that nobody has taken yet`],[`ssoLinked:false`,`no identity linked`],[`has2fa:false`,`no second factor`],[`id:… user.id:…`,`ids of members and people`]];function et(){return(0,R.jsxs)(g,{children:[(0,R.jsx)(c,{label:`How to search`,children:(0,R.jsx)(ye,{size:18,"aria-hidden":`true`})}),(0,R.jsx)(P,{placement:`bottom start`,children:(0,R.jsxs)(v,{className:l(U.hint),children:[(0,R.jsx)(p,{slot:`title`,level:2,children:`How to search`}),(0,R.jsx)(`p`,{className:U.muted,children:`Words and tokens hold together. A token that is not known finds nothing.`}),(0,R.jsx)(`dl`,{children:$e.map(([e,t])=>(0,R.jsxs)(`div`,{style:{display:`contents`},children:[(0,R.jsx)(`dt`,{children:(0,R.jsx)(`code`,{children:e})}),(0,R.jsx)(`dd`,{children:t})]},e))})]})})]})}var tt=250;function nt({search:e,onChange:t}){let[n,r]=(0,I.useState)(e.query);return(0,I.useEffect)(()=>{if(n===e.query)return;let r=setTimeout(()=>t({query:n}),tt);return()=>clearTimeout(r)},[n,e.query,t]),(0,R.jsxs)(R.Fragment,{children:[(0,R.jsxs)(`div`,{className:U.toolbar,children:[(0,R.jsxs)(`div`,{className:U.search,children:[(0,R.jsx)(ve,{label:`Search members`,placeholder:`Name, address, role:manager…`,value:n,onChange:r}),(0,R.jsx)(et,{})]}),(0,R.jsx)(Qe,{search:e,onChange:t}),(0,R.jsx)(`div`,{className:U.order,children:(0,R.jsx)(M,{label:`Order`,isLabelHidden:!0,options:W,value:e.order,onChange:e=>t({order:e})})})]}),(0,R.jsx)(Q,{search:e,onChange:t})]})}function rt(){let{slug:e,viewerCanInvite:t}=b(),[n,r]=y(),[i,a]=(0,I.useState)(),o=n.get(`member`),s=q(new URLSearchParams,G(n)).toString(),c=(0,I.useMemo)(()=>G(new URLSearchParams(s)),[s]),l=(0,I.useCallback)(e=>r(t=>q(t,e),{replace:!0}),[r]),u=(0,I.useCallback)(e=>r(t=>{let n=new URLSearchParams(t);return e===null?n.delete(`member`):n.set(`member`,e),n}),[r]);return(0,R.jsxs)(R.Fragment,{children:[(0,R.jsx)(re,{title:`Members`,count:i,actions:t&&(0,R.jsx)(ne,{variant:`primary`,href:`${m.organization(e,`invites`)}?new`,children:`Invite people`})}),(0,R.jsx)(nt,{search:c,onChange:l}),(0,R.jsx)(Xe,{search:c,selectedId:o,onOpen:u,onCount:a}),(0,R.jsx)(Ie,{id:o,onClose:()=>u(null)})]})}export{rt as Component};