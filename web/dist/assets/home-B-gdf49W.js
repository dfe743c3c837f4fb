import{Br as e,F as t,G as n,K as r,Rr as i,W as a,dr as o,hr as s,ir as c,kr as l,lr as u,ur as d,yr as f,z as p}from"./index-ChbKHFs1.js";import{$ as m,N as h}from"./shared-uM1f4EoD.js";import{t as g}from"./create-organization-dialog-EzIeBrEV.js";var _={name:`building-complex`,size:24,node:[[`path`,{d:`M10 12h4`,key:`a56b0p`}],[`path`,{d:`M10 8h4`,key:`1sr2af`}],[`path`,{d:`M14 21v-3a2 2 0 0 0-4 0v3`,key:`1rgiei`}],[`path`,{d:`M6 10H4a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V9a2 2 0 0 0-2-2h-2`,key:`secmi2`}],[`path`,{d:`M6 21V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v16`,key:`16ra0t`}]],aliases:[`building-2`]};_.node;var v=u(_),y=e(i(),1),b=o(),x=m(`
  query Home {
    viewer {
      canCreateOrganization
    }
    organizations(first: 100) {
      nodes {
        id
        slug
      }
    }
  }
`);function S(){let[{data:e,error:i},o]=f({query:x}),[u,m]=(0,y.useState)(!1);if(!e)return i?(0,b.jsx)(d,{children:(0,b.jsx)(p,{failure:s(i),level:1,onRetry:o})}):(0,b.jsx)(t,{});let _=e.organizations.nodes,S=_.find(({slug:e})=>e===h())??_[0];return S?(0,b.jsx)(l,{replace:!0,to:a.organization(S.slug)}):(0,b.jsxs)(d,{children:[(0,b.jsx)(c,{icon:(0,b.jsx)(v,{size:28}),title:`You are in no organization yet`,level:1,actions:(0,b.jsxs)(b.Fragment,{children:[e.viewer?.canCreateOrganization&&(0,b.jsx)(r,{variant:`primary`,onPress:()=>m(!0),children:`Create an organization`}),(0,b.jsx)(n,{href:a.account,children:`Your account`})]}),children:`To join one, open the link in the mail that invites you.`}),(0,b.jsx)(g,{isOpen:u,onClose:()=>m(!1)})]})}export{S as Component};