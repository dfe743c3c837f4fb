import{V as e,Vr as t,dr as n,zr as r}from"./index-BYJYKF1t.js";import{$ as i,F as a,J as o,X as s}from"./shared-Bsbl8N4a.js";var c=t(r(),1),l=i(`
  mutation UpdateMemberRoles($input: UpdateMemberRolesInput!) {
    updateMemberRoles(input: $input) {
      member {
        id
        ...MemberRow
        ...MemberDetails
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),u=i(`
  mutation RemoveMember($input: RemoveMemberInput!) {
    removeMember(input: $input) {
      removedMemberId
      userErrors {
        code
        message
        path
      }
    }
  }
`),d=i(`
  mutation LeaveOrganization($input: LeaveOrganizationInput!) {
    leaveOrganization(input: $input) {
      removedMemberId
      userErrors {
        code
        message
        path
      }
    }
  }
`),f=i(`
  mutation TransferOwnership($input: TransferOwnershipInput!) {
    transferOwnership(input: $input) {
      newOwner {
        id
        ...MemberRow
        ...MemberDetails
      }
      previousOwner {
        id
        ...MemberRow
        ...MemberDetails
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),p=i(`
  mutation SetMemberFlags($input: SetMemberFlagsInput!) {
    setMemberFlags(input: $input) {
      member {
        id
        ...MemberRow
        ...MemberDetails
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),m=n();function h({organization:t,isOpen:n,onClose:r,onLeft:i}){let{run:l,isRunning:u}=s(d),[f,p]=(0,c.useState)();async function h(){let n=await l({input:{organizationId:t.id}});p(o(n,[])),n.kind===`ok`&&(e(`You have left ${t.name}.`),i())}return(0,m.jsx)(a,{title:`Leave ${t.name}?`,action:`Leave`,isOpen:n,isPending:u,errors:f,onConfirm:h,onClose:r,children:`You will not see it any more, and come back only if somebody invites you.`})}export{l as a,f as i,u as n,p as r,h as t};