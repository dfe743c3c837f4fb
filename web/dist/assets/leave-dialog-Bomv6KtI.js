import{Br as e,Rr as t,V as n,dr as r}from"./index-ChbKHFs1.js";import{$ as i,F as a,J as o,X as s}from"./shared-uM1f4EoD.js";var c=e(t(),1),l=i(`
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
`),m=r();function h({organization:e,isOpen:t,onClose:r,onLeft:i}){let{run:l,isRunning:u}=s(d),[f,p]=(0,c.useState)();async function h(){let t=await l({input:{organizationId:e.id}});p(o(t,[])),t.kind===`ok`&&(n(`You have left ${e.name}.`),i())}return(0,m.jsx)(a,{title:`Leave ${e.name}?`,action:`Leave`,isOpen:t,isPending:u,errors:f,onConfirm:h,onClose:r,children:`You will not see it any more, and come back only if somebody invites you.`})}export{l as a,f as i,u as n,p as r,h as t};