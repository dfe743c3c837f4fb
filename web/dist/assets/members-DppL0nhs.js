import{B as e,Br as t,Dr as n,E as r,G as i,Ir as a,K as o,L as s,Lt as c,Nr as l,Rr as u,T as d,V as f,W as p,X as m,Y as h,a as ee,ar as g,b as _,dr as te,h as ne,hr as re,ir as v,k as y,lr as ie,or as b,s as ae,v as x,yr as S,z as C}from"./index-ChbKHFs1.js";import{$ as w,A as T,C as E,E as oe,F as D,J as O,L as k,O as se,P as A,R as ce,X as j,Z as M,d as N,f as P,m as le,p as ue,q as de,tt as F,u as fe,v as pe,w as I,wt as me,x as he}from"./shared-uM1f4EoD.js";import{a as ge,i as _e,n as ve,r as ye,t as be}from"./leave-dialog-Bomv6KtI.js";import{t as L}from"./team-picker-BriFq4hA.js";import{t as xe}from"./users-D2YDGQjM.js";import{n as Se,t as Ce}from"./virtual-list-DMxzUXcf.js";var R={name:`circle-question-mark`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`10`,key:`1mglay`}],[`path`,{d:`M9 9.5a3 2.5 0 016 0c0 2-2 2-3 3.5`,key:`1awbb0`}],[`path`,{d:`M12 17h.01`,key:`p32p05`}]],aliases:[`help-circle`,`circle-help`]};R.node;var we=ie(R),z=t(u(),1),B={who:`_who_xzuec_1`,teams:`_teams_xzuec_9`,team:`_team_xzuec_9`,teamName:`_teamName_xzuec_22`,muted:`_muted_xzuec_29`,flags:`_flags_xzuec_33`,actions:`_actions_xzuec_39`},V=te();function Te({member:e,isOpen:t,onClose:n,onRemoved:r}){let{run:i,isRunning:a}=j(ve),[o,s]=(0,z.useState)();async function c(){let t=await i({input:{memberId:e.id}});s(O(t,[])),t.kind===`ok`&&(f(e.isPending?`The invite of ${e.name} is withdrawn.`:`${e.name} is removed.`),r())}return(0,V.jsx)(D,{title:e.isPending?`Withdraw the invite?`:`Remove ${e.name}?`,action:e.isPending?`Withdraw`:`Remove`,isOpen:t,isPending:a,errors:o,onConfirm:c,onClose:n,children:e.isPending?`The link that ${e.name} has will not work any more. The address can be invited again.`:`Their places in teams go with them, and the invites that they have sent and nobody has answered. They can be invited again.`})}function Ee({member:e,isOpen:t,onClose:n}){let r=T(),{run:i,isRunning:a}=j(_e),[o,s]=(0,z.useState)();async function c(){let t=await i({input:{organizationId:r.id,toMemberId:e.id}});s(O(t,[])),t.kind===`ok`&&(f(`${e.name} is owner now, and you are a manager.`),n())}return(0,V.jsxs)(D,{title:`Make ${e.name} owner?`,action:`Hand over`,confirmText:r.slug,isOpen:t,isPending:a,errors:o,onConfirm:c,onClose:n,children:[e.name,` becomes owner of `,r.name,`, and you a manager, at once. Only an owner can make you owner again.`]})}var De=w(`
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
`);function Oe(){let{slug:e,can:t}=T(),[{data:n}]=S({query:De,variables:{slug:e}}),r=n?.organization?.viewerMembership?.role.priority;return r!==void 0&&n?.roles.every(({priority:e})=>e<=r)===!0&&t(`org:admin`)&&t(`member:admin`)}function ke({member:e,onGone:t}){let[n,r]=(0,z.useState)(null),i=Oe(),a=T(),s=l(),c=()=>r(null),u=i&&!e.isViewer&&!e.isPending,d=e.viewerCanRemove&&!e.isViewer;return!u&&!d&&!e.isViewer?null:(0,V.jsxs)(P,{title:e.isViewer?`Your membership`:`More`,children:[(0,V.jsxs)(`div`,{className:B.actions,children:[u&&(0,V.jsx)(o,{onPress:()=>r(`transfer`),children:`Make owner instead of me`}),d&&(0,V.jsx)(o,{onPress:()=>r(`remove`),children:e.isPending?`Withdraw the invite`:`Remove`}),e.isViewer&&(0,V.jsx)(o,{isDisabled:e.isOnlyOwner,onPress:()=>r(`leave`),children:`Leave the organization`})]}),e.isOnlyOwner&&(0,V.jsxs)(`p`,{className:B.muted,children:[e.isViewer?`You are`:`${e.name} is`,` the only owner, and an organization keeps one. Make somebody else owner first.`]}),(0,V.jsx)(Ee,{member:e,isOpen:n===`transfer`,onClose:c}),(0,V.jsx)(Te,{member:e,isOpen:n===`remove`,onClose:c,onRemoved:t}),(0,V.jsx)(be,{organization:a,isOpen:n===`leave`,onClose:c,onLeft:()=>s(p.home)})]})}var Ae=w(`
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
`),H=w(`
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
`);function je({member:e}){let{user:t,invite:n,hasTwoFactor:r}=e,i=t?.isEmailVerified??null;return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsxs)(`div`,{className:B.who,children:[(0,V.jsx)(N,{size:`large`,avatar:t?.avatar,name:(0,V.jsxs)(V.Fragment,{children:[e.name,e.isViewer&&` (you)`]}),note:e.email}),e.email&&(0,V.jsx)(oe,{text:e.email,children:`Copy address`})]}),(0,V.jsx)(A,{facts:[[`State`,e.isPending?(0,V.jsx)(k,{tone:`info`,children:`Pending`}):`Joined`],[`Since`,(0,V.jsx)(M,{at:e.createdAt},`since`)],[`Invited by`,n?.inviter?.name],[`Invite good until`,n?.expiresAt&&(0,V.jsx)(M,{at:n.expiresAt})],[`Second factor`,r===null?null:r?`In use`:`Not in use`],[`Address`,i===null?null:i?`Verified`:`Not verified`]]})]})}var U=[{flag:`memberLimitRestricted`,name:`Disabled`,description:`The organization has more members than it may have. The person can only look at this and leave.`,tone:`danger`},{flag:`ssoInvalid`,name:`Sign-on lapsed`,description:`The linked identity is not valid any more. The person has to sign in through the provider again.`,tone:`warning`},{flag:`ssoLinked`,name:`Single sign-on`,description:`The person has linked an identity of the organization's sign-on provider.`,tone:`success`},{flag:`idpProvisioned`,name:`From the provider`,description:`Created by the identity provider, and cannot be removed here.`},{flag:`idpRoleRestricted`,name:`Role from the provider`,description:`The role is managed by the identity provider, and cannot be changed here.`},{flag:`partnershipRestricted`,name:`Partner`,description:`Managed by a partner: can be neither changed nor removed.`}];function Me({member:t}){let{can:n,isSuperuser:r}=T(),{run:i}=j(ye),a=r&&n(`member:admin`),o=U.filter(({flag:e})=>a||t.flags[e]);if(o.length===0)return null;async function s(n,r){let a=await i({input:{memberId:t.id,[n]:r}});a.kind===`refused`&&e(a.userErrors.map(({message:e})=>e).join(` `)),a.kind===`failed`&&e(a.failure.message)}return(0,V.jsx)(P,{title:`Flags`,lead:a?`Only superusers change these. Each counts at once.`:void 0,children:(0,V.jsx)(`div`,{className:B.flags,children:o.map(({flag:e,name:n,description:r,tone:i})=>a?(0,V.jsx)(fe,{label:n,description:r,isSelected:t.flags[e],onChange:t=>s(e,t)},e):(0,V.jsxs)(`p`,{children:[(0,V.jsx)(k,{tone:i,children:n}),` `,(0,V.jsx)(`span`,{className:B.muted,children:r})]},e))})})}var Ne=_({slug:y(),name:y(),role:x(y())}),Pe=_({orgRole:y(),teams:d(ne(Ne),r())});function W(e){return{orgRole:e.role.id,teams:e.teamMemberships.map(({team:e,role:t})=>({slug:e.slug,name:e.name,role:t?.id??null}))}}function Fe(e,t){let{orgRole:n,teams:r}=W(e),i=JSON.stringify(G(r))!==JSON.stringify(G(t.teams));return{...t.orgRole!==n&&{orgRole:t.orgRole},...i&&{teamRoles:t.teams.map(({slug:e,role:t})=>({teamSlug:e,role:t}))}}}function G(e){return e.map(({slug:e,role:t})=>[e,t]).sort()}var Ie=w(`
  fragment TeamRoleChoice on TeamRole {
    id
    name
    description
    priority
  }
`);function Le({role:e,teamRoles:t,teams:n,managedSlugs:r,onChange:i}){let{minimumTeamRole:a}=e,o=F(Ie,t).filter(({priority:e})=>e>a.priority),s=[{id:``,name:a.name,description:`What the role ${e.name} gives in every team`},...o];return e.isTeamRolesAllowed?(0,V.jsxs)(`div`,{className:B.teams,children:[n.map((e,t)=>(0,V.jsxs)(`div`,{className:B.team,children:[(0,V.jsx)(`span`,{className:B.teamName,children:e.name}),(0,V.jsx)(E,{label:`Role in ${e.name}`,isLabelHidden:!0,name:`teamRoles.${t}.role`,isDisabled:o.length===0||r.includes(e.slug),options:s,value:o.some(({id:t})=>t===e.role)?e.role:``,onChange:t=>i(n.map(n=>n===e?{...e,role:t||null}:n))}),(0,V.jsx)(ae,{label:r.includes(e.slug)?`${e.name} is managed by the identity provider`:`Take out of ${e.name}`,isDisabled:r.includes(e.slug),onPress:()=>i(n.filter(t=>t!==e)),children:(0,V.jsx)(b,{size:16,"aria-hidden":`true`})})]},e.slug)),(0,V.jsx)(L,{label:`Add to a team`,name:`teamRoles`,placeholder:`Find a team…`,value:null,without:n.map(({slug:e})=>e),onChange:(e,t)=>e!==null&&i([...n,{slug:e,name:t,role:null}])})]}):(0,V.jsxs)(`p`,{className:B.muted,children:[`Nobody with the role `,e.name,` can be in teams.`]})}function Re({member:e,teamRoles:t}){let[n,r]=se(`member.${e.id}`,x(Pe),null),[i,a]=(0,z.useState)(),{run:s,isRunning:c}=j(ge),l=F(H,e.role);if(!e.viewerCanUpdateRoles)return(0,V.jsx)(Ve,{member:e,roleName:l.name});let u=n??W(e),d=F(H,e.assignableRoles),p=d.some(({id:e})=>e===l.id)?d:[l,...d],m=p.find(({id:e})=>e===u.orgRole)??l,h=Fe(e,u),g=Object.keys(h).length>0;async function _(){let t=await s({input:{memberId:e.id,...h}});a(O(t,ze(u))),t.kind===`ok`&&(r(null),f(`${e.name} has been changed.`))}return(0,V.jsx)(P,{title:`Role and teams`,children:(0,V.jsxs)(de,{errors:i,onSubmit:_,children:[(0,V.jsx)(E,{label:`Role`,name:`orgRole`,description:d.length>1?m.description:Be(e),isDisabled:p.length<2,options:p,value:u.orgRole,onChange:e=>r({...u,orgRole:e})}),(0,V.jsx)(Le,{role:m,teamRoles:t,teams:u.teams,managedSlugs:e.teamMemberships.flatMap(({team:e})=>e.isIdpProvisioned?[e.slug]:[]),onChange:e=>r({...u,teams:e})}),g&&(0,V.jsxs)(ee,{children:[(0,V.jsx)(o,{onPress:()=>{r(null),a(void 0)},children:`Undo`}),(0,V.jsx)(o,{type:`submit`,variant:`primary`,isPending:c,children:`Save`})]})]})})}function ze({teams:e}){return[`orgRole`,`teamRoles`,...e.map((e,t)=>`teamRoles.${t}.role`)]}function Be({flags:e,isViewer:t}){return t?`Nobody changes their own role.`:e.partnershipRestricted?`Managed by a partner.`:e.idpRoleRestricted?`Managed by the identity provider.`:`You can give and take roles up to your own.`}function Ve({member:e,roleName:t}){let n=e.teamMemberships.map(({team:e,effectiveRole:t})=>`${e.name} (${t.name})`);return(0,V.jsx)(P,{title:`Role and teams`,children:(0,V.jsx)(A,{facts:[[`Role`,t],[`Teams`,n.length>0?n.join(`, `):`None`]]})})}var He=w(`
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
`);function Ue({id:e,onClose:t}){return(0,V.jsx)(ue,{title:`Member`,isOpen:e!==null,onClose:t,children:e!==null&&(0,V.jsx)(We,{id:e,onClose:t},e)})}function We({id:e,onClose:t}){let{slug:n}=T(),[{data:r,error:i},a]=S({query:He,variables:{slug:n,id:e}}),o=F(Ae,r?.organization?.member);return r?o?(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(je,{member:o}),(0,V.jsx)(Re,{member:o,teamRoles:r.teamRoles}),(0,V.jsx)(Me,{member:o}),(0,V.jsx)(ke,{member:o,onGone:t})]}):(0,V.jsx)(v,{title:`Not a member any more`,children:`This member is gone, or you may not see who it is.`}):i?(0,V.jsx)(C,{failure:re(i),onRetry:a}):(0,V.jsx)(s,{count:5})}var K={toolbar:`_toolbar_1843u_1`,search:`_search_1843u_13`,order:`_order_1843u_19`,chips:`_chips_1843u_23`,filters:`_filters_1843u_35`,hint:`_hint_1843u_44`,name:`_name_1843u_61`,badges:`_badges_1843u_66`,teams:`_teams_1843u_72`,muted:`_muted_1843u_80`},Ge=w(`
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
`),Ke=[{name:`Member`,width:`2.2fr`,cell:e=>(0,V.jsx)(qe,{member:e})},{name:`Role`,width:`0.8fr`,cell:e=>e.role.name},{name:`Teams`,width:`1.4fr`,cell:e=>(0,V.jsx)(Ye,{member:e})},{name:`State`,width:`1.2fr`,cell:e=>(0,V.jsx)(Xe,{member:e})},{name:`Since`,width:`0.9fr`,cell:({createdAt:e})=>(0,V.jsx)(`span`,{className:K.muted,children:(0,V.jsx)(M,{at:e})})}];function qe({member:e}){return(0,V.jsx)(N,{avatar:e.user?.avatar,name:(0,V.jsx)(Je,{member:e}),note:e.email!==e.name&&e.email})}function Je({member:e}){let[t]=a(),r=new URLSearchParams(t);return r.set(`member`,e.id),(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(n,{to:{search:r.toString()},tabIndex:-1,className:K.name,children:e.name}),e.isViewer&&(0,V.jsx)(`span`,{className:K.muted,children:` (you)`})]})}function Ye({member:e}){let t=e.teamMemberships.map(({team:e})=>e.name).join(`, `);return t&&(0,V.jsx)(`span`,{className:K.teams,title:t,children:t})}function Xe({member:e}){let t=U.filter(({flag:t})=>e.flags[t]);return!e.isPending&&t.length===0?null:(0,V.jsxs)(`span`,{className:K.badges,children:[e.isPending&&(0,V.jsx)(k,{tone:`info`,children:`Pending`}),t.map(({flag:e,name:t,tone:n})=>(0,V.jsx)(k,{tone:n,children:t},e))]})}var q=[{id:`oldest`,name:`Oldest first`,field:`CREATED_AT`,direction:`ASC`},{id:`newest`,name:`Newest first`,field:`CREATED_AT`,direction:`DESC`},{id:`name`,name:`Name, A to Z`,field:`NAME`,direction:`ASC`},{id:`name-down`,name:`Name, Z to A`,field:`NAME`,direction:`DESC`},{id:`address`,name:`Address, A to Z`,field:`EMAIL`,direction:`ASC`},{id:`role`,name:`Highest role first`,field:`ROLE`,direction:`DESC`},{id:`role-up`,name:`Lowest role first`,field:`ROLE`,direction:`ASC`}];function J(e){let t=q.find(({id:t})=>t===e.get(`order`));return{query:e.get(`q`)??``,role:e.get(`role`),team:e.get(`team`),isPending:Y(e.get(`pending`)),isSsoLinked:Y(e.get(`sso`)),hasTwoFactor:Y(e.get(`2fa`)),order:t?.id??`oldest`}}function Y(e){return e===`yes`||e!==`no`&&null}function X(e,t){let n={...J(e),...t},r=new URLSearchParams(e),i=(e,t)=>{t?r.set(e,t):r.delete(e)};return i(`q`,n.query),i(`role`,n.role),i(`team`,n.team),i(`pending`,Z(n.isPending)),i(`sso`,Z(n.isSsoLinked)),i(`2fa`,Z(n.hasTwoFactor)),i(`order`,n.order===`oldest`?null:n.order),r}function Z(e){return e===null?null:e?`yes`:`no`}function Q(e){let t={...e.query.trim()&&{query:e.query.trim()},...e.role&&{roles:[e.role]},...e.team&&{teamSlugs:[e.team]},...e.isPending!==null&&{isPending:e.isPending},...e.isSsoLinked!==null&&{isSsoLinked:e.isSsoLinked},...e.hasTwoFactor!==null&&{hasTwoFactor:e.hasTwoFactor}},n=q.find(({id:t})=>t===e.order);return{filter:Object.keys(t).length>0?t:null,orderBy:n&&n.id!==`oldest`?{field:n.field,direction:n.direction}:null}}function Ze(e){return Q(e).filter!==null}var Qe=w(`
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
`),$e=100,et=50,tt=({id:e})=>e,nt=e=>e.organization?.members;function rt({search:e,selectedId:t,onOpen:n,onCount:r}){let{slug:i}=T(),a=(0,z.useCallback)(t=>({slug:i,first:$e,after:t,...Q(e)}),[i,e]),c=he({query:Qe,variables:a,connection:nt}),{rows:l,totalCount:u,loadMore:d,watch:f}=c,p=l.length;(0,z.useEffect)(()=>r(u),[r,u]);let m=(0,z.useCallback)((e,t)=>{f(e,t),t>p-et&&d()},[f,d,p]);return c.isFirstLoad?(0,V.jsx)(s,{count:10}):c.failure&&p===0?(0,V.jsx)(C,{failure:c.failure,onRetry:c.retry}):(0,V.jsx)(pe,{isOutdated:c.isOutdated,children:p===0?(0,V.jsx)(it,{isSearched:Ze(e)}):(0,V.jsx)(Ce,{label:`Members`,columns:Ke,rows:F(Ge,l),rowKey:tt,totalCount:u??p,selectedKey:t,onOpen:n,onView:m,tail:c.failure?(0,V.jsx)(o,{onPress:c.retry,children:`The rest could not be read. Try again`}):c.hasMore&&`Reading more…`})})}function it({isSearched:e}){return e?(0,V.jsx)(v,{icon:(0,V.jsx)(me,{size:28}),title:`Nobody found`,children:`Nobody is what you look for. Take away a word or a filter.`}):(0,V.jsx)(v,{icon:(0,V.jsx)(xe,{size:28}),title:`Nobody is here yet`,children:`Whoever you invite shows up here, pending until they have joined.`})}var at=w(`
  query MemberFilterRoles {
    roles {
      id
      name
      description
    }
  }
`);function ot({search:e,onChange:t}){let{can:n}=T(),[{data:r}]=S({query:at}),i=r?.roles??[],a=ct(e,i).length;return(0,V.jsxs)(h,{children:[(0,V.jsxs)(o,{children:[(0,V.jsx)(Se,{size:16,"aria-hidden":`true`}),`Filters`,a>0&&(0,V.jsx)(k,{tone:`info`,children:a})]}),(0,V.jsx)(I,{placement:`bottom end`,children:(0,V.jsxs)(m,{"aria-label":`Filters`,className:g(K.filters),children:[(0,V.jsx)(E,{label:`Role`,options:[{id:``,name:`Any`},...i],value:e.role??``,onChange:e=>t({role:e||null})}),(0,V.jsx)(L,{label:`Team`,value:e.team,onChange:e=>t({team:e})}),(0,V.jsx)($,{label:`Place`,yes:`Pending`,no:`Joined`,value:e.isPending,onChange:e=>t({isPending:e})}),(0,V.jsx)($,{label:`Single sign-on`,yes:`Linked`,no:`Not linked`,value:e.isSsoLinked,onChange:e=>t({isSsoLinked:e})}),n(`member:admin`)&&(0,V.jsx)($,{label:`Second factor`,yes:`In use`,no:`Not in use`,value:e.hasTwoFactor,onChange:e=>t({hasTwoFactor:e})})]})})]})}function $({label:e,yes:t,no:n,value:r,onChange:i}){return(0,V.jsx)(E,{label:e,options:[{id:`any`,name:`Any`},{id:`yes`,name:t},{id:`no`,name:n}],value:r===null?`any`:r?`yes`:`no`,onChange:e=>i(e===`any`?null:e===`yes`)})}function st({search:e,onChange:t}){let[{data:n}]=S({query:at}),r=ct(e,n?.roles??[]);return r.length===0?null:(0,V.jsx)(`div`,{className:K.chips,children:r.map(({text:e,without:n})=>(0,V.jsxs)(o,{size:`small`,"aria-label":`Without: ${e}`,onPress:()=>t(n),children:[e,(0,V.jsx)(b,{size:14,"aria-hidden":`true`})]},e))})}function ct(e,t){let{role:n,team:r,isPending:i,isSsoLinked:a,hasTwoFactor:o}=e,s=t.find(({id:e})=>e===n)?.name??n;return[n!==null&&{text:`Role: ${s}`,without:{role:null}},r!==null&&{text:`Team: ${r}`,without:{team:null}},i!==null&&{text:i?`Pending`:`Joined`,without:{isPending:null}},a!==null&&{text:a?`Single sign-on linked`:`Single sign-on not linked`,without:{isSsoLinked:null}},o!==null&&{text:o?`With a second factor`:`Without a second factor`,without:{hasTwoFactor:null}}].filter(e=>e!==!1)}var lt=[[`jane`,`in names and addresses`],[`email:jane@example.com`,`this address`],[`role:manager`,`this role`],[`scope:org:admin`,`whoever may do this`],[`isInvited:true`,`places that nobody has taken yet`],[`ssoLinked:false`,`no identity linked`],[`has2fa:false`,`no second factor`],[`id:… user.id:…`,`ids of members and people`]];function ut(){return(0,V.jsxs)(h,{children:[(0,V.jsx)(ae,{label:`How to search`,children:(0,V.jsx)(we,{size:18,"aria-hidden":`true`})}),(0,V.jsx)(I,{placement:`bottom start`,children:(0,V.jsxs)(m,{className:g(K.hint),children:[(0,V.jsx)(c,{slot:`title`,level:2,children:`How to search`}),(0,V.jsx)(`p`,{className:K.muted,children:`Words and tokens hold together. A token that is not known finds nothing.`}),(0,V.jsx)(`dl`,{children:lt.map(([e,t])=>(0,V.jsxs)(`div`,{style:{display:`contents`},children:[(0,V.jsx)(`dt`,{children:(0,V.jsx)(`code`,{children:e})}),(0,V.jsx)(`dd`,{children:t})]},e))})]})})]})}var dt=250;function ft({search:e,onChange:t}){let[n,r]=(0,z.useState)(e.query);return(0,z.useEffect)(()=>{if(n===e.query)return;let r=setTimeout(()=>t({query:n}),dt);return()=>clearTimeout(r)},[n,e.query,t]),(0,V.jsxs)(V.Fragment,{children:[(0,V.jsxs)(`div`,{className:K.toolbar,children:[(0,V.jsxs)(`div`,{className:K.search,children:[(0,V.jsx)(le,{label:`Search members`,placeholder:`Name, address, role:manager…`,value:n,onChange:r}),(0,V.jsx)(ut,{})]}),(0,V.jsx)(ot,{search:e,onChange:t}),(0,V.jsx)(`div`,{className:K.order,children:(0,V.jsx)(E,{label:`Order`,isLabelHidden:!0,options:q,value:e.order,onChange:e=>t({order:e})})})]}),(0,V.jsx)(st,{search:e,onChange:t})]})}function pt(){let{slug:e,viewerCanInvite:t}=T(),[n,r]=a(),[o,s]=(0,z.useState)(),c=n.get(`member`),l=X(new URLSearchParams,J(n)).toString(),u=(0,z.useMemo)(()=>J(new URLSearchParams(l)),[l]),d=(0,z.useCallback)(e=>r(t=>X(t,e),{replace:!0}),[r]),f=(0,z.useCallback)(e=>r(t=>{let n=new URLSearchParams(t);return e===null?n.delete(`member`):n.set(`member`,e),n}),[r]);return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsx)(ce,{title:`Members`,count:o,actions:t&&(0,V.jsx)(i,{variant:`primary`,href:`${p.organization(e,`invites`)}?new`,children:`Invite people`})}),(0,V.jsx)(ft,{search:u,onChange:d}),(0,V.jsx)(rt,{search:u,selectedId:c,onOpen:f,onCount:s}),(0,V.jsx)(Ue,{id:c,onClose:()=>f(null)})]})}export{pt as Component};