import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{d as t,kn as n,wr as r}from"./dialog-CCpx6r1f.js";import{i,r as a,t as o}from"./mutation-Ckl1SEfw.js";import{t as s}from"./confirm-dialog-D8gefk2X.js";var c=e(r(),1),l=i(`
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
`),m=n();function h({organization:e,isOpen:n,onClose:r,onLeft:i}){let{run:l,isRunning:u}=a(d),[f,p]=(0,c.useState)();async function h(){let n=await l({input:{organizationId:e.id}});p(o(n,[])),n.kind===`ok`&&(t(`You have left ${e.name}.`),i())}return(0,m.jsx)(s,{title:`Leave ${e.name}?`,action:`Leave`,isOpen:n,isPending:u,errors:f,onConfirm:h,onClose:r,children:`You will not see it any more, and come back only if somebody invites you.`})}export{l as a,f as i,u as n,p as r,h as t};