import{B as e,E as t,G as n,K as r,L as i,Lr as a,Lt as o,Or as s,Pr as c,T as l,V as u,Vr as d,W as f,X as p,Y as m,a as ee,ar as h,b as g,br as _,dr as te,h as ne,hr as re,ir as v,k as y,lr as ie,or as b,s as x,v as S,z as C,zr as ae}from"./index-BYJYKF1t.js";import{$ as w,A as T,C as E,E as oe,F as se,J as D,L as O,O as ce,P as k,R as le,X as A,Z as j,d as M,f as N,m as ue,p as de,q as fe,tt as P,u as pe,v as me,w as F,wt as he,x as ge}from"./shared-Bsbl8N4a.js";import{a as _e,i as ve,n as ye,r as be,t as xe}from"./leave-dialog-DRwxHSKn.js";import{t as I}from"./team-picker-IKyTt0vc.js";import{t as Se}from"./users-qW3Sw2k1.js";import{n as Ce,t as we}from"./virtual-list-BzUxWmDV.js";var L={name:`circle-question-mark`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`10`,key:`1mglay`}],[`path`,{d:`M9 9.5a3 2.5 0 016 0c0 2-2 2-3 3.5`,key:`1awbb0`}],[`path`,{d:`M12 17h.01`,key:`p32p05`}]],aliases:[`help-circle`,`circle-help`]};L.node;var Te=ie(L),R=d(ae(),1),z={who:`_who_xzuec_1`,teams:`_teams_xzuec_9`,team:`_team_xzuec_9`,teamName:`_teamName_xzuec_22`,muted:`_muted_xzuec_29`,flags:`_flags_xzuec_33`,actions:`_actions_xzuec_39`},B=te();function Ee({member:e,isOpen:t,onClose:n,onRemoved:r}){let{run:i,isRunning:a}=A(ye),[o,s]=(0,R.useState)();async function c(){let t=await i({input:{memberId:e.id}});s(D(t,[])),t.kind===`ok`&&(u(e.isPending?`The invite of ${e.name} is withdrawn.`:`${e.name} is removed.`),r())}return(0,B.jsx)(se,{title:e.isPending?`Withdraw the invite?`:`Remove ${e.name}?`,action:e.isPending?`Withdraw`:`Remove`,isOpen:t,isPending:a,errors:o,onConfirm:c,onClose:n,children:e.isPending?`The link that ${e.name} has will not work any more. The address can be invited again.`:`Their places in teams go with them, and the invites that they have sent and nobody has answered. They can be invited again.`})}function De({member:e,isOpen:t,onClose:n}){let r=T(),{run:i,isRunning:a}=A(ve),[o,s]=(0,R.useState)();async function c(){let t=await i({input:{organizationId:r.id,toMemberId:e.id}});s(D(t,[])),t.kind===`ok`&&(u(`${e.name} is owner now, and you are a manager.`),n())}return(0,B.jsxs)(se,{title:`Make ${e.name} owner?`,action:`Hand over`,confirmText:r.slug,isOpen:t,isPending:a,errors:o,onConfirm:c,onClose:n,children:[e.name,` becomes owner of `,r.name,`, and you a manager, at once. Only an owner can make you owner again.`]})}var Oe=w(`
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
`);function ke(){let{slug:e,can:t}=T(),[{data:n}]=_({query:Oe,variables:{slug:e}}),r=n?.organization?.viewerMembership?.role.priority;return r!==void 0&&n?.roles.every(({priority:e})=>e<=r)===!0&&t(`org:admin`)&&t(`member:admin`)}function Ae({member:e,onGone:t}){let[n,i]=(0,R.useState)(null),a=ke(),o=T(),s=c(),l=()=>i(null),u=a&&!e.isViewer&&!e.isPending,d=e.viewerCanRemove&&!e.isViewer;return!u&&!d&&!e.isViewer?null:(0,B.jsxs)(N,{title:e.isViewer?`Your membership`:`More`,children:[(0,B.jsxs)(`div`,{className:z.actions,children:[u&&(0,B.jsx)(r,{onPress:()=>i(`transfer`),children:`Make owner instead of me`}),d&&(0,B.jsx)(r,{onPress:()=>i(`remove`),children:e.isPending?`Withdraw the invite`:`Remove`}),e.isViewer&&(0,B.jsx)(r,{isDisabled:e.isOnlyOwner,onPress:()=>i(`leave`),children:`Leave the organization`})]}),e.isOnlyOwner&&(0,B.jsxs)(`p`,{className:z.muted,children:[e.isViewer?`You are`:`${e.name} is`,` the only owner, and an organization keeps one. Make somebody else owner first.`]}),(0,B.jsx)(De,{member:e,isOpen:n===`transfer`,onClose:l}),(0,B.jsx)(Ee,{member:e,isOpen:n===`remove`,onClose:l,onRemoved:t}),(0,B.jsx)(xe,{organization:o,isOpen:n===`leave`,onClose:l,onLeft:()=>s(f.home)})]})}var je=w(`
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
`),V=w(`
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
`);function Me({member:e}){let{user:t,invite:n,hasTwoFactor:r}=e,i=t?.isEmailVerified??null;return(0,B.jsxs)(B.Fragment,{children:[(0,B.jsxs)(`div`,{className:z.who,children:[(0,B.jsx)(M,{size:`large`,avatar:t?.avatar,name:(0,B.jsxs)(B.Fragment,{children:[e.name,e.isViewer&&` (you)`]}),note:e.email}),e.email&&(0,B.jsx)(oe,{text:e.email,children:`Copy address`})]}),(0,B.jsx)(k,{facts:[[`State`,e.isPending?(0,B.jsx)(O,{tone:`info`,children:`Pending`}):`Joined`],[`Since`,(0,B.jsx)(j,{at:e.createdAt},`since`)],[`Invited by`,n?.inviter?.name],[`Invite good until`,n?.expiresAt&&(0,B.jsx)(j,{at:n.expiresAt})],[`Second factor`,r===null?null:r?`In use`:`Not in use`],[`Address`,i===null?null:i?`Verified`:`Not verified`]]})]})}var H=[{flag:`memberLimitRestricted`,name:`Disabled`,description:`The organization has more members than it may have. The person can only look at this and leave.`,tone:`danger`},{flag:`ssoInvalid`,name:`Sign-on lapsed`,description:`The linked identity is not valid any more. The person has to sign in through the provider again.`,tone:`warning`},{flag:`ssoLinked`,name:`Single sign-on`,description:`The person has linked an identity of the organization's sign-on provider.`,tone:`success`},{flag:`idpProvisioned`,name:`From the provider`,description:`Created by the identity provider, and cannot be removed here.`},{flag:`idpRoleRestricted`,name:`Role from the provider`,description:`The role is managed by the identity provider, and cannot be changed here.`},{flag:`partnershipRestricted`,name:`Partner`,description:`Managed by a partner: can be neither changed nor removed.`}];function Ne({member:t}){let{can:n,isSuperuser:r}=T(),{run:i}=A(be),a=r&&n(`member:admin`),o=H.filter(({flag:e})=>a||t.flags[e]);if(o.length===0)return null;async function s(n,r){let a=await i({input:{memberId:t.id,[n]:r}});a.kind===`refused`&&e(a.userErrors.map(({message:e})=>e).join(` `)),a.kind===`failed`&&e(a.failure.message)}return(0,B.jsx)(N,{title:`Flags`,lead:a?`Only superusers change these. Each counts at once.`:void 0,children:(0,B.jsx)(`div`,{className:z.flags,children:o.map(({flag:e,name:n,description:r,tone:i})=>a?(0,B.jsx)(pe,{label:n,description:r,isSelected:t.flags[e],onChange:t=>s(e,t)},e):(0,B.jsxs)(`p`,{children:[(0,B.jsx)(O,{tone:i,children:n}),` `,(0,B.jsx)(`span`,{className:z.muted,children:r})]},e))})})}var Pe=g({slug:y(),name:y(),role:S(y())}),Fe=g({orgRole:y(),teams:l(ne(Pe),t())});function U(e){return{orgRole:e.role.id,teams:e.teamMemberships.map(({team:e,role:t})=>({slug:e.slug,name:e.name,role:t?.id??null}))}}function Ie(e,t){let{orgRole:n,teams:r}=U(e),i=JSON.stringify(W(r))!==JSON.stringify(W(t.teams));return{...t.orgRole!==n&&{orgRole:t.orgRole},...i&&{teamRoles:t.teams.map(({slug:e,role:t})=>({teamSlug:e,role:t}))}}}function W(e){return e.map(({slug:e,role:t})=>[e,t]).sort()}var Le=w(`
  fragment TeamRoleChoice on TeamRole {
    id
    name
    description
    priority
  }
`);function Re({role:e,teamRoles:t,teams:n,managedSlugs:r,onChange:i}){let{minimumTeamRole:a}=e,o=P(Le,t).filter(({priority:e})=>e>a.priority),s=[{id:``,name:a.name,description:`What the role ${e.name} gives in every team`},...o];return e.isTeamRolesAllowed?(0,B.jsxs)(`div`,{className:z.teams,children:[n.map((e,t)=>(0,B.jsxs)(`div`,{className:z.team,children:[(0,B.jsx)(`span`,{className:z.teamName,children:e.name}),(0,B.jsx)(E,{label:`Role in ${e.name}`,isLabelHidden:!0,name:`teamRoles.${t}.role`,isDisabled:o.length===0||r.includes(e.slug),options:s,value:o.some(({id:t})=>t===e.role)?e.role:``,onChange:t=>i(n.map(n=>n===e?{...e,role:t||null}:n))}),(0,B.jsx)(x,{label:r.includes(e.slug)?`${e.name} is managed by the identity provider`:`Take out of ${e.name}`,isDisabled:r.includes(e.slug),onPress:()=>i(n.filter(t=>t!==e)),children:(0,B.jsx)(b,{size:16,"aria-hidden":`true`})})]},e.slug)),(0,B.jsx)(I,{label:`Add to a team`,name:`teamRoles`,placeholder:`Find a team…`,value:null,without:n.map(({slug:e})=>e),onChange:(e,t)=>e!==null&&i([...n,{slug:e,name:t,role:null}])})]}):(0,B.jsxs)(`p`,{className:z.muted,children:[`Nobody with the role `,e.name,` can be in teams.`]})}function ze({member:e,teamRoles:t}){let[n,i]=ce(`member.${e.id}`,S(Fe),null),[a,o]=(0,R.useState)(),{run:s,isRunning:c}=A(_e),l=P(V,e.role);if(!e.viewerCanUpdateRoles)return(0,B.jsx)(He,{member:e,roleName:l.name});let d=n??U(e),f=P(V,e.assignableRoles),p=f.some(({id:e})=>e===l.id)?f:[l,...f],m=p.find(({id:e})=>e===d.orgRole)??l,h=Ie(e,d),g=Object.keys(h).length>0;async function _(){let t=await s({input:{memberId:e.id,...h}});o(D(t,Be(d))),t.kind===`ok`&&(i(null),u(`${e.name} has been changed.`))}return(0,B.jsx)(N,{title:`Role and teams`,children:(0,B.jsxs)(fe,{errors:a,onSubmit:_,children:[(0,B.jsx)(E,{label:`Role`,name:`orgRole`,description:f.length>1?m.description:Ve(e),isDisabled:p.length<2,options:p,value:d.orgRole,onChange:e=>i({...d,orgRole:e})}),(0,B.jsx)(Re,{role:m,teamRoles:t,teams:d.teams,managedSlugs:e.teamMemberships.flatMap(({team:e})=>e.isIdpProvisioned?[e.slug]:[]),onChange:e=>i({...d,teams:e})}),g&&(0,B.jsxs)(ee,{children:[(0,B.jsx)(r,{onPress:()=>{i(null),o(void 0)},children:`Undo`}),(0,B.jsx)(r,{type:`submit`,variant:`primary`,isPending:c,children:`Save`})]})]})})}function Be({teams:e}){return[`orgRole`,`teamRoles`,...e.map((e,t)=>`teamRoles.${t}.role`)]}function Ve({flags:e,isViewer:t}){return t?`Nobody changes their own role.`:e.partnershipRestricted?`Managed by a partner.`:e.idpRoleRestricted?`Managed by the identity provider.`:`You can give and take roles up to your own.`}function He({member:e,roleName:t}){let n=e.teamMemberships.map(({team:e,effectiveRole:t})=>`${e.name} (${t.name})`);return(0,B.jsx)(N,{title:`Role and teams`,children:(0,B.jsx)(k,{facts:[[`Role`,t],[`Teams`,n.length>0?n.join(`, `):`None`]]})})}var Ue=w(`
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
`);function We({id:e,onClose:t}){return(0,B.jsx)(de,{title:`Member`,isOpen:e!==null,onClose:t,children:e!==null&&(0,B.jsx)(Ge,{id:e,onClose:t},e)})}function Ge({id:e,onClose:t}){let{slug:n}=T(),[{data:r,error:a},o]=_({query:Ue,variables:{slug:n,id:e}}),s=P(je,r?.organization?.member);return r?s?(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(Me,{member:s}),(0,B.jsx)(ze,{member:s,teamRoles:r.teamRoles}),(0,B.jsx)(Ne,{member:s}),(0,B.jsx)(Ae,{member:s,onGone:t})]}):(0,B.jsx)(v,{title:`Not a member any more`,children:`This member is gone, or you may not see who it is.`}):a?(0,B.jsx)(C,{failure:re(a),onRetry:o}):(0,B.jsx)(i,{count:5})}var G={toolbar:`_toolbar_1843u_1`,search:`_search_1843u_13`,order:`_order_1843u_19`,chips:`_chips_1843u_23`,filters:`_filters_1843u_35`,hint:`_hint_1843u_44`,name:`_name_1843u_61`,badges:`_badges_1843u_66`,teams:`_teams_1843u_72`,muted:`_muted_1843u_80`},Ke=w(`
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
`),qe=[{name:`Member`,width:`2.2fr`,cell:e=>(0,B.jsx)(Je,{member:e})},{name:`Role`,width:`0.8fr`,cell:e=>e.role.name},{name:`Teams`,width:`1.4fr`,cell:e=>(0,B.jsx)(Xe,{member:e})},{name:`State`,width:`1.2fr`,cell:e=>(0,B.jsx)(Ze,{member:e})},{name:`Since`,width:`0.9fr`,cell:({createdAt:e})=>(0,B.jsx)(`span`,{className:G.muted,children:(0,B.jsx)(j,{at:e})})}];function Je({member:e}){return(0,B.jsx)(M,{avatar:e.user?.avatar,name:(0,B.jsx)(Ye,{member:e}),note:e.email!==e.name&&e.email})}function Ye({member:e}){let[t]=a(),n=new URLSearchParams(t);return n.set(`member`,e.id),(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(s,{to:{search:n.toString()},tabIndex:-1,className:G.name,children:e.name}),e.isViewer&&(0,B.jsx)(`span`,{className:G.muted,children:` (you)`})]})}function Xe({member:e}){let t=e.teamMemberships.map(({team:e})=>e.name).join(`, `);return t&&(0,B.jsx)(`span`,{className:G.teams,title:t,children:t})}function Ze({member:e}){let t=H.filter(({flag:t})=>e.flags[t]);return!e.isPending&&t.length===0?null:(0,B.jsxs)(`span`,{className:G.badges,children:[e.isPending&&(0,B.jsx)(O,{tone:`info`,children:`Pending`}),t.map(({flag:e,name:t,tone:n})=>(0,B.jsx)(O,{tone:n,children:t},e))]})}var K=[{id:`oldest`,name:`Oldest first`,field:`CREATED_AT`,direction:`ASC`},{id:`newest`,name:`Newest first`,field:`CREATED_AT`,direction:`DESC`},{id:`name`,name:`Name, A to Z`,field:`NAME`,direction:`ASC`},{id:`name-down`,name:`Name, Z to A`,field:`NAME`,direction:`DESC`},{id:`address`,name:`Address, A to Z`,field:`EMAIL`,direction:`ASC`},{id:`role`,name:`Highest role first`,field:`ROLE`,direction:`DESC`},{id:`role-up`,name:`Lowest role first`,field:`ROLE`,direction:`ASC`}];function q(e){let t=K.find(({id:t})=>t===e.get(`order`));return{query:e.get(`q`)??``,role:e.get(`role`),team:e.get(`team`),isPending:J(e.get(`pending`)),isSsoLinked:J(e.get(`sso`)),hasTwoFactor:J(e.get(`2fa`)),order:t?.id??`oldest`}}function J(e){return e===`yes`||e!==`no`&&null}function Y(e,t){let n={...q(e),...t},r=new URLSearchParams(e),i=(e,t)=>{t?r.set(e,t):r.delete(e)};return i(`q`,n.query),i(`role`,n.role),i(`team`,n.team),i(`pending`,X(n.isPending)),i(`sso`,X(n.isSsoLinked)),i(`2fa`,X(n.hasTwoFactor)),i(`order`,n.order===`oldest`?null:n.order),r}function X(e){return e===null?null:e?`yes`:`no`}function Z(e){let t={...e.query.trim()&&{query:e.query.trim()},...e.role&&{roles:[e.role]},...e.team&&{teamSlugs:[e.team]},...e.isPending!==null&&{isPending:e.isPending},...e.isSsoLinked!==null&&{isSsoLinked:e.isSsoLinked},...e.hasTwoFactor!==null&&{hasTwoFactor:e.hasTwoFactor}},n=K.find(({id:t})=>t===e.order);return{filter:Object.keys(t).length>0?t:null,orderBy:n&&n.id!==`oldest`?{field:n.field,direction:n.direction}:null}}function Qe(e){return Z(e).filter!==null}var $e=w(`
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
`),et=100,tt=50,nt=({id:e})=>e,rt=e=>e.organization?.members;function it({search:e,selectedId:t,onOpen:n,onCount:a}){let{slug:o}=T(),s=(0,R.useCallback)(t=>({slug:o,first:et,after:t,...Z(e)}),[o,e]),c=ge({query:$e,variables:s,connection:rt}),{rows:l,totalCount:u,loadMore:d,watch:f}=c,p=l.length;(0,R.useEffect)(()=>a(u),[a,u]);let m=(0,R.useCallback)((e,t)=>{f(e,t),t>p-tt&&d()},[f,d,p]);return c.isFirstLoad?(0,B.jsx)(i,{count:10}):c.failure&&p===0?(0,B.jsx)(C,{failure:c.failure,onRetry:c.retry}):(0,B.jsx)(me,{isOutdated:c.isOutdated,children:p===0?(0,B.jsx)(at,{isSearched:Qe(e)}):(0,B.jsx)(we,{label:`Members`,columns:qe,rows:P(Ke,l),rowKey:nt,totalCount:u??p,selectedKey:t,onOpen:n,onView:m,tail:c.failure?(0,B.jsx)(r,{onPress:c.retry,children:`The rest could not be read. Try again`}):c.hasMore&&`Reading more…`})})}function at({isSearched:e}){return e?(0,B.jsx)(v,{icon:(0,B.jsx)(he,{size:28}),title:`Nobody found`,children:`Nobody is what you look for. Take away a word or a filter.`}):(0,B.jsx)(v,{icon:(0,B.jsx)(Se,{size:28}),title:`Nobody is here yet`,children:`Whoever you invite shows up here, pending until they have joined.`})}var Q=w(`
  query MemberFilterRoles {
    roles {
      id
      name
      description
    }
  }
`);function ot({search:e,onChange:t}){let{can:n}=T(),[{data:i}]=_({query:Q}),a=i?.roles??[],o=ct(e,a).length;return(0,B.jsxs)(m,{children:[(0,B.jsxs)(r,{children:[(0,B.jsx)(Ce,{size:16,"aria-hidden":`true`}),`Filters`,o>0&&(0,B.jsx)(O,{tone:`info`,children:o})]}),(0,B.jsx)(F,{placement:`bottom end`,children:(0,B.jsxs)(p,{"aria-label":`Filters`,className:h(G.filters),children:[(0,B.jsx)(E,{label:`Role`,options:[{id:``,name:`Any`},...a],value:e.role??``,onChange:e=>t({role:e||null})}),(0,B.jsx)(I,{label:`Team`,value:e.team,onChange:e=>t({team:e})}),(0,B.jsx)($,{label:`Place`,yes:`Pending`,no:`Joined`,value:e.isPending,onChange:e=>t({isPending:e})}),(0,B.jsx)($,{label:`Single sign-on`,yes:`Linked`,no:`Not linked`,value:e.isSsoLinked,onChange:e=>t({isSsoLinked:e})}),n(`member:admin`)&&(0,B.jsx)($,{label:`Second factor`,yes:`In use`,no:`Not in use`,value:e.hasTwoFactor,onChange:e=>t({hasTwoFactor:e})})]})})]})}function $({label:e,yes:t,no:n,value:r,onChange:i}){return(0,B.jsx)(E,{label:e,options:[{id:`any`,name:`Any`},{id:`yes`,name:t},{id:`no`,name:n}],value:r===null?`any`:r?`yes`:`no`,onChange:e=>i(e===`any`?null:e===`yes`)})}function st({search:e,onChange:t}){let[{data:n}]=_({query:Q}),i=ct(e,n?.roles??[]);return i.length===0?null:(0,B.jsx)(`div`,{className:G.chips,children:i.map(({text:e,without:n})=>(0,B.jsxs)(r,{size:`small`,"aria-label":`Without: ${e}`,onPress:()=>t(n),children:[e,(0,B.jsx)(b,{size:14,"aria-hidden":`true`})]},e))})}function ct(e,t){let{role:n,team:r,isPending:i,isSsoLinked:a,hasTwoFactor:o}=e,s=t.find(({id:e})=>e===n)?.name??n;return[n!==null&&{text:`Role: ${s}`,without:{role:null}},r!==null&&{text:`Team: ${r}`,without:{team:null}},i!==null&&{text:i?`Pending`:`Joined`,without:{isPending:null}},a!==null&&{text:a?`Single sign-on linked`:`Single sign-on not linked`,without:{isSsoLinked:null}},o!==null&&{text:o?`With a second factor`:`Without a second factor`,without:{hasTwoFactor:null}}].filter(e=>e!==!1)}var lt=[[`jane`,`in names and addresses`],[`email:jane@example.com`,`this address`],[`role:manager`,`this role`],[`scope:org:admin`,`whoever may do this`],[`isInvited:true`,`places that nobody has taken yet`],[`ssoLinked:false`,`no identity linked`],[`has2fa:false`,`no second factor`],[`id:… user.id:…`,`ids of members and people`]];function ut(){return(0,B.jsxs)(m,{children:[(0,B.jsx)(x,{label:`How to search`,children:(0,B.jsx)(Te,{size:18,"aria-hidden":`true`})}),(0,B.jsx)(F,{placement:`bottom start`,children:(0,B.jsxs)(p,{className:h(G.hint),children:[(0,B.jsx)(o,{slot:`title`,level:2,children:`How to search`}),(0,B.jsx)(`p`,{className:G.muted,children:`Words and tokens hold together. A token that is not known finds nothing.`}),(0,B.jsx)(`dl`,{children:lt.map(([e,t])=>(0,B.jsxs)(`div`,{style:{display:`contents`},children:[(0,B.jsx)(`dt`,{children:(0,B.jsx)(`code`,{children:e})}),(0,B.jsx)(`dd`,{children:t})]},e))})]})})]})}var dt=250;function ft({search:e,onChange:t}){let[n,r]=(0,R.useState)(e.query);return(0,R.useEffect)(()=>{if(n===e.query)return;let r=setTimeout(()=>t({query:n}),dt);return()=>clearTimeout(r)},[n,e.query,t]),(0,B.jsxs)(B.Fragment,{children:[(0,B.jsxs)(`div`,{className:G.toolbar,children:[(0,B.jsxs)(`div`,{className:G.search,children:[(0,B.jsx)(ue,{label:`Search members`,placeholder:`Name, address, role:manager…`,value:n,onChange:r}),(0,B.jsx)(ut,{})]}),(0,B.jsx)(ot,{search:e,onChange:t}),(0,B.jsx)(`div`,{className:G.order,children:(0,B.jsx)(E,{label:`Order`,isLabelHidden:!0,options:K,value:e.order,onChange:e=>t({order:e})})})]}),(0,B.jsx)(st,{search:e,onChange:t})]})}function pt(){let{slug:e,viewerCanInvite:t}=T(),[r,i]=a(),[o,s]=(0,R.useState)(),c=r.get(`member`),l=Y(new URLSearchParams,q(r)).toString(),u=(0,R.useMemo)(()=>q(new URLSearchParams(l)),[l]),d=(0,R.useCallback)(e=>i(t=>Y(t,e),{replace:!0}),[i]),p=(0,R.useCallback)(e=>i(t=>{let n=new URLSearchParams(t);return e===null?n.delete(`member`):n.set(`member`,e),n}),[i]);return(0,B.jsxs)(B.Fragment,{children:[(0,B.jsx)(le,{title:`Members`,count:o,actions:t&&(0,B.jsx)(n,{variant:`primary`,href:`${f.organization(e,`invites`)}?new`,children:`Invite people`})}),(0,B.jsx)(ft,{search:u,onChange:d}),(0,B.jsx)(it,{search:u,selectedId:c,onOpen:p,onCount:s}),(0,B.jsx)(We,{id:c,onClose:()=>p(null)})]})}export{pt as Component};