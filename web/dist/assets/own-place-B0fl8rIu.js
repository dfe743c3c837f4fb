import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{On as t,Vn as n,c as r,d as i,kn as a,m as o,p as s,u as c,wr as l}from"./dialog-CCpx6r1f.js";import{a as u}from"./loading-y-6WcaPu.js";import{t as d}from"./error-state-DOX6461l.js";import{t as f}from"./inbox-CHAn3cOj.js";import{t as p}from"./fragment-masking-DSZC2_uz.js";import{i as m,n as h,r as g}from"./mutation-Ckl1SEfw.js";import{t as _}from"./relative-time-B91wVu1_.js";import{t as v}from"./load-more-CrJWmopg.js";import{t as y}from"./confirm-dialog-D8gefk2X.js";import{n as b}from"./organization-DuSGXqLV.js";import{t as x}from"./connection-BjNUacgl.js";import{t as S}from"./table-B-NW4kwK.js";import{t as C}from"./person-BoBg9O-y.js";var w=e(l(),1),T=m(`
  mutation CreateTeam($input: CreateTeamInput!) {
    createTeam(input: $input) {
      team {
        id
        name
        slug
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),E=m(`
  mutation UpdateTeam($input: UpdateTeamInput!) {
    updateTeam(input: $input) {
      team {
        id
        name
        slug
        isIdpProvisioned
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),D=m(`
  mutation DeleteTeam($input: DeleteTeamInput!) {
    deleteTeam(input: $input) {
      deletedTeamId
      userErrors {
        code
        message
        path
      }
    }
  }
`),O=m(`
  mutation AddTeamMember($input: AddTeamMemberInput!) {
    addTeamMember(input: $input) {
      teamMembership {
        id
        ...TeamMemberRow
      }
      accessRequest {
        id
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),k=m(`
  mutation RemoveTeamMember($input: RemoveTeamMemberInput!) {
    removeTeamMember(input: $input) {
      removedTeamMembershipId
      userErrors {
        code
        message
        path
      }
    }
  }
`),A=m(`
  mutation UpdateTeamMemberRole($input: UpdateTeamMemberRoleInput!) {
    updateTeamMemberRole(input: $input) {
      teamMembership {
        id
        effectiveRole {
          id
          name
          priority
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),j=m(`
  mutation DecideTeamAccessRequest($input: DecideTeamAccessRequestInput!) {
    decideTeamAccessRequest(input: $input) {
      closedRequestId
      userErrors {
        code
        message
        path
      }
    }
  }
`),M={part:`_part_x207b_1`,toolbar:`_toolbar_x207b_8`,team:`_team_x207b_19`,line:`_line_x207b_24`,name:`_name_x207b_32`,slug:`_slug_x207b_42`,muted:`_muted_x207b_48`,members:`_members_x207b_52`,stack:`_stack_x207b_58`,buttons:`_buttons_x207b_70`,add:`_add_x207b_75`,picker:`_picker_x207b_83`,role:`_role_x207b_88`,back:`_back_x207b_93`},N=a(),P=m(`
  fragment TeamAccessRequestRow on TeamAccessRequest {
    id
    createdAt
    member {
      id
      name
      email
      user {
        id
        avatar {
          ...AvatarImage
        }
      }
    }
    requester {
      id
      name
    }
    team {
      id
      name
      slug
    }
  }
`),F=m(`
  query TeamAccessRequests($slug: String!, $after: String) {
    organization(slug: $slug) {
      id
      teamAccessRequests(first: 100, after: $after) {
        totalCount
        nodes {
          id
          ...TeamAccessRequestRow
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`),I=e=>e.organization?.teamAccessRequests;function L(){let{slug:e}=b(),t=(0,w.useCallback)(t=>({slug:e,after:t}),[e]),n=x({query:F,variables:t,connection:I,requestPolicy:`cache-and-network`});return{...n,rows:p(P,n.rows)}}function R({list:e}){return e.isFirstLoad?(0,N.jsx)(r,{count:3}):e.failure&&e.rows.length===0?(0,N.jsx)(d,{failure:e.failure,onRetry:e.retry}):e.rows.length===0?(0,N.jsx)(t,{icon:(0,N.jsx)(f,{size:28}),title:`Nobody waits for an answer`,children:`Where membership is closed, members ask for access to a team, and who can let them in finds them here.`}):(0,N.jsxs)(N.Fragment,{children:[(0,N.jsx)(z,{rows:e.rows}),(0,N.jsx)(v,{hasMore:e.hasMore,isLoading:e.isLoading,onLoadMore:e.loadMore})]})}function z({rows:e,isOneTeam:t=!1}){let{slug:n}=b(),r=[{name:`Member`,cell:({member:e})=>(0,N.jsx)(C,{avatar:e.user?.avatar,name:e.name,note:e.email!==e.name&&e.email})},{name:`Team`,cell:({team:e})=>(0,N.jsx)(u,{to:s.team(n,e.slug),children:e.name})},{name:`Asked`,cell:({createdAt:e,requester:t})=>(0,N.jsxs)(`span`,{className:M.muted,children:[(0,N.jsx)(_,{at:e}),t&&` by ${t.name}`]})},{name:`Decision`,isNameHidden:!0,isAtEnd:!0,cell:e=>(0,N.jsx)(B,{request:e})}];return(0,N.jsx)(S,{label:`Requests for access`,columns:t?r.filter(({name:e})=>e!==`Team`):r,rows:e,rowKey:({id:e})=>e})}function B({request:e}){let{run:t}=g(j),[n,r]=(0,w.useState)(null),a=`${e.member.name}, ${e.team.name}`;async function s(n){r(n);let a=await t({input:{requestId:e.id,isApproved:n}});if(r(null),a.kind!==`ok`)return c(h(a));i(n?`${e.member.name} is in ${e.team.name} now.`:`${e.member.name} does not get into ${e.team.name}. No mail tells them.`)}return(0,N.jsxs)(`span`,{className:M.buttons,children:[(0,N.jsx)(o,{size:`small`,variant:`quiet`,isPending:n===!1,onPress:()=>s(!1),"aria-label":`Deny: ${a}`,children:`Deny`}),(0,N.jsx)(o,{size:`small`,isPending:n===!0,onPress:()=>s(!0),"aria-label":`Approve: ${a}`,children:`Approve`})]})}function V(e,{can:t,isSuperuser:n,isOpen:r,member:i}){let a=e.viewerMembership,o=e.isIdpProvisioned,s=n||i===null,c=e=>t(e)||a?.effectiveRole.scopes.includes(e)===!0,l=t(`org:write`)||c(`team:write`)&&(a!==null||s),u=a?.effectiveRole.priority??i?.role.minimumTeamRole.priority??-1;return{canUpdate:e.viewerCanUpdate,canDelete:e.viewerCanUpdate&&!o&&(t(`org:write`)||c(`team:admin`)),canManageMembers:l,canAddMembers:!o&&t(`member:read`),addsAtOnce:r||i?.role.isGlobal===!0||l,own:H(e,i),highestRole:s?1/0:u}}function H(e,t){return t===null||e.isIdpProvisioned?null:e.viewerMembership?`leave`:e.viewerCanJoin?`join`:t.role.isTeamRolesAllowed?`ask`:null}var U=m(`
  fragment TeamForRights on Team {
    id
    isIdpProvisioned
    viewerCanJoin
    viewerCanUpdate
    viewerMembership {
      id
      effectiveRole {
        id
        name
        priority
        scopes
      }
    }
  }
`),W=m(`
  query TeamStanding($slug: String!) {
    organization(slug: $slug) {
      id
      options {
        openMembership
      }
      viewerMembership {
        id
        role {
          id
          isGlobal
          isTeamRolesAllowed
          minimumTeamRole {
            id
            priority
          }
        }
      }
    }
  }
`);function G(){let{slug:e,can:t,isSuperuser:r}=b(),[{data:i}]=n({query:W,variables:{slug:e}}),a=i?.organization,o=a?.viewerMembership??null,s=a?.options?.openMembership??!1,c=(0,w.useCallback)(e=>V(e,{can:t,isSuperuser:r,isOpen:s,member:o}),[t,r,s,o]);return a?{ownMemberId:o?.id??null,rightsIn:c}:null}function K({team:e,name:t,size:n=`medium`}){let r=p(U,e),a=G(),s=g(O),l=g(k),[u,d]=(0,w.useState)(!1),[f,m]=(0,w.useState)(!1);if(!a?.ownMemberId)return null;let{own:_,addsAtOnce:v}=a.rightsIn(r),b={teamId:r.id,memberId:a.ownMemberId};async function x(){let e=await s.run({input:b});if(e.kind!==`ok`)return c(h(e));let n=e.payload.accessRequest!==null;d(n),i(n?`You have asked for access to ${t}. A mail tells you when you are in.`:`You are in ${t} now.`)}async function S(){let e=await l.run({input:b});if(m(!1),e.kind!==`ok`)return c(h(e));d(!1),i(`You have left ${t}.`)}let C=_===`join`?`Join`:u?`Asked`:`Ask for access`;switch(_){case`join`:case`ask`:return(0,N.jsx)(o,{size:n,isDisabled:u,isPending:s.isRunning,onPress:x,"aria-label":`${C}: ${t}`,children:C});case`leave`:return(0,N.jsxs)(N.Fragment,{children:[(0,N.jsx)(o,{size:n,variant:`quiet`,isPending:l.isRunning,onPress:v?S:()=>m(!0),"aria-label":`Leave: ${t}`,children:`Leave`}),(0,N.jsx)(y,{title:`Leave ${t}?`,action:`Leave`,isOpen:f,isPending:l.isRunning,onConfirm:S,onClose:()=>m(!1),children:`Membership is closed here: to come back you have to ask for access.`})]});case null:return null}}export{R as a,O as c,k as d,E as f,z as i,T as l,U as n,L as o,A as p,G as r,M as s,K as t,D as u};