import{Ar as e,F as t,G as n,K as r,Vr as i,W as a,br as o,dr as s,hr as c,ir as l,lr as u,ur as d,z as f,zr as p}from"./index-BYJYKF1t.js";import{$ as m,N as h}from"./shared-Bsbl8N4a.js";import{t as g}from"./create-organization-dialog-CrfBcwzL.js";var _={name:`building-complex`,size:24,node:[[`path`,{d:`M10 12h4`,key:`a56b0p`}],[`path`,{d:`M10 8h4`,key:`1sr2af`}],[`path`,{d:`M14 21v-3a2 2 0 0 0-4 0v3`,key:`1rgiei`}],[`path`,{d:`M6 10H4a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V9a2 2 0 0 0-2-2h-2`,key:`secmi2`}],[`path`,{d:`M6 21V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v16`,key:`16ra0t`}]],aliases:[`building-2`]};_.node;var v=u(_),y=i(p(),1),b=s(),x=m(`
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
`);function S(){let[{data:i,error:s},u]=o({query:x}),[p,m]=(0,y.useState)(!1);if(!i)return s?(0,b.jsx)(d,{children:(0,b.jsx)(f,{failure:c(s),level:1,onRetry:u})}):(0,b.jsx)(t,{});let _=i.organizations.nodes,S=_.find(({slug:e})=>e===h())??_[0];return S?(0,b.jsx)(e,{replace:!0,to:a.organization(S.slug)}):(0,b.jsxs)(d,{children:[(0,b.jsx)(l,{icon:(0,b.jsx)(v,{size:28}),title:`You are in no organization yet`,level:1,actions:(0,b.jsxs)(b.Fragment,{children:[i.viewer?.canCreateOrganization&&(0,b.jsx)(r,{variant:`primary`,onPress:()=>m(!0),children:`Create an organization`}),(0,b.jsx)(n,{href:a.account,children:`Your account`})]}),children:`To join one, open the link in the mail that invites you.`}),(0,b.jsx)(g,{isOpen:p,onClose:()=>m(!1)})]})}export{S as Component};