import{$ as e,A as t,Et as n,F as r,I as i,X as a,Y as o,Z as s,b as c,d as l,tt as u,x as d}from"./shared-Bsbl8N4a.js";import{B as f,K as p,L as m,Or as h,V as g,Vr as _,W as v,br as y,dr as b,ir as x,z as S,zr as C}from"./index-BYJYKF1t.js";var w=_(C(),1),T=e(`
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
`),E=e(`
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
`),D=e(`
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
`),O=e(`
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
`),k=e(`
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
`),A=e(`
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
`),j=e(`
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
`),M={part:`_part_40x4n_1`,toolbar:`_toolbar_40x4n_8`,team:`_team_40x4n_19`,line:`_line_40x4n_24`,name:`_name_40x4n_32`,slug:`_slug_40x4n_42`,muted:`_muted_40x4n_48`,members:`_members_40x4n_52`,stack:`_stack_40x4n_58`,buttons:`_buttons_40x4n_63`,add:`_add_40x4n_68`,picker:`_picker_40x4n_76`,role:`_role_40x4n_81`,back:`_back_40x4n_86`},N=b(),P=e(`
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
`),F=e(`
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
`),I=e=>e.organization?.teamAccessRequests;function L(){let{slug:e}=t(),n=(0,w.useCallback)(t=>({slug:e,after:t}),[e]),r=d({query:F,variables:n,connection:I,requestPolicy:`cache-and-network`});return{...r,rows:u(P,r.rows)}}function R({list:e}){return e.isFirstLoad?(0,N.jsx)(m,{count:3}):e.failure&&e.rows.length===0?(0,N.jsx)(S,{failure:e.failure,onRetry:e.retry}):e.rows.length===0?(0,N.jsx)(x,{icon:(0,N.jsx)(n,{size:28}),title:`Nobody waits for an answer`,children:`Where membership is closed, members ask for access to a team, and who can let them in finds them here.`}):(0,N.jsxs)(N.Fragment,{children:[(0,N.jsx)(z,{rows:e.rows}),(0,N.jsx)(i,{hasMore:e.hasMore,isLoading:e.isLoading,onLoadMore:e.loadMore})]})}function z({rows:e,isOneTeam:n=!1}){let{slug:r}=t(),i=[{name:`Member`,cell:({member:e})=>(0,N.jsx)(l,{avatar:e.user?.avatar,name:e.name,note:e.email!==e.name&&e.email})},{name:`Team`,cell:({team:e})=>(0,N.jsx)(h,{to:v.team(r,e.slug),children:e.name})},{name:`Asked`,cell:({createdAt:e,requester:t})=>(0,N.jsxs)(`span`,{className:M.muted,children:[(0,N.jsx)(s,{at:e}),t&&` by ${t.name}`]})},{name:`Decision`,isNameHidden:!0,isAtEnd:!0,cell:e=>(0,N.jsx)(B,{request:e})}];return(0,N.jsx)(c,{label:`Requests for access`,columns:n?i.filter(({name:e})=>e!==`Team`):i,rows:e,rowKey:({id:e})=>e})}function B({request:e}){let{run:t}=a(j),[n,r]=(0,w.useState)(null),i=`${e.member.name}, ${e.team.name}`;async function s(n){r(n);let i=await t({input:{requestId:e.id,isApproved:n}});if(r(null),i.kind!==`ok`)return f(o(i));g(n?`${e.member.name} is in ${e.team.name} now.`:`${e.member.name} does not get into ${e.team.name}. No mail tells them.`)}return(0,N.jsxs)(`span`,{className:M.buttons,children:[(0,N.jsx)(p,{size:`small`,variant:`quiet`,isPending:n===!1,onPress:()=>s(!1),"aria-label":`Deny: ${i}`,children:`Deny`}),(0,N.jsx)(p,{size:`small`,isPending:n===!0,onPress:()=>s(!0),"aria-label":`Approve: ${i}`,children:`Approve`})]})}function V(e,{can:t,isSuperuser:n,isOpen:r,member:i}){let a=e.viewerMembership,o=e.isIdpProvisioned,s=n||i===null,c=e=>t(e)||a?.effectiveRole.scopes.includes(e)===!0,l=t(`org:write`)||c(`team:write`)&&(a!==null||s),u=a?.effectiveRole.priority??i?.role.minimumTeamRole.priority??-1;return{canUpdate:e.viewerCanUpdate,canDelete:e.viewerCanUpdate&&!o&&(t(`org:write`)||c(`team:admin`)),canManageMembers:l,canAddMembers:!o&&t(`member:read`),addsAtOnce:r||i?.role.isGlobal===!0||l,own:H(e,i),highestRole:s?1/0:u}}function H(e,t){return t===null||e.isIdpProvisioned?null:e.viewerMembership?`leave`:e.viewerCanJoin?`join`:t.role.isTeamRolesAllowed?`ask`:null}var U=e(`
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
`),W=e(`
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
`);function G(){let{slug:e,can:n,isSuperuser:r}=t(),[{data:i}]=y({query:W,variables:{slug:e}}),a=i?.organization,o=a?.viewerMembership??null,s=a?.options?.openMembership??!1,c=(0,w.useCallback)(e=>V(e,{can:n,isSuperuser:r,isOpen:s,member:o}),[n,r,s,o]);return a?{ownMemberId:o?.id??null,rightsIn:c}:null}function K({team:e,name:t,size:n=`medium`}){let i=u(U,e),s=G(),c=a(O),l=a(k),[d,m]=(0,w.useState)(!1),[h,_]=(0,w.useState)(!1);if(!s?.ownMemberId)return null;let{own:v,addsAtOnce:y}=s.rightsIn(i),b={teamId:i.id,memberId:s.ownMemberId};async function x(){let e=await c.run({input:b});if(e.kind!==`ok`)return f(o(e));let n=e.payload.accessRequest!==null;m(n),g(n?`You have asked for access to ${t}. A mail tells you when you are in.`:`You are in ${t} now.`)}async function S(){let e=await l.run({input:b});if(_(!1),e.kind!==`ok`)return f(o(e));m(!1),g(`You have left ${t}.`)}let C=v===`join`?`Join`:d?`Asked`:`Ask for access`;switch(v){case`join`:case`ask`:return(0,N.jsx)(p,{size:n,isDisabled:d,isPending:c.isRunning,onPress:x,"aria-label":`${C}: ${t}`,children:C});case`leave`:return(0,N.jsxs)(N.Fragment,{children:[(0,N.jsx)(p,{size:n,variant:`quiet`,isPending:l.isRunning,onPress:y?S:()=>_(!0),"aria-label":`Leave: ${t}`,children:`Leave`}),(0,N.jsx)(r,{title:`Leave ${t}?`,action:`Leave`,isOpen:h,isPending:l.isRunning,onConfirm:S,onClose:()=>_(!1),children:`Membership is closed here: to come back you have to ask for access.`})]});case null:return null}}export{R as a,O as c,k as d,E as f,z as i,T as l,U as n,L as o,A as p,G as r,M as s,K as t,D as u};