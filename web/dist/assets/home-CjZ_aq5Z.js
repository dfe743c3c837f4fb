import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{Fn as t,Ln as n,On as r,Vn as i,kn as a,m as o,p as s,wr as c}from"./dialog-CCpx6r1f.js";import{r as l,s as u,t as d}from"./loading-y-6WcaPu.js";import{i as f}from"./mutation-Ckl1SEfw.js";import{t as p}from"./create-organization-dialog-CU7Z8jd1.js";import{t as m}from"./last-organization-LXQyqsig.js";import{t as h}from"./error-state-DOX6461l.js";var g={name:`building-complex`,size:24,node:[[`path`,{d:`M10 12h4`,key:`a56b0p`}],[`path`,{d:`M10 8h4`,key:`1sr2af`}],[`path`,{d:`M14 21v-3a2 2 0 0 0-4 0v3`,key:`1rgiei`}],[`path`,{d:`M6 10H4a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V9a2 2 0 0 0-2-2h-2`,key:`secmi2`}],[`path`,{d:`M6 21V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v16`,key:`16ra0t`}]],aliases:[`building-2`]};g.node;var _=t(g),v=e(c(),1),y=a(),b=f(`
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
`);function x(){let[{data:e,error:t},a]=i({query:b}),[c,f]=(0,v.useState)(!1);if(!e)return t?(0,y.jsx)(h,{failure:n(t),onRetry:a}):(0,y.jsx)(d,{});let g=e.organizations.nodes,x=g.find(({slug:e})=>e===m())??g[0];return x?(0,y.jsx)(u,{replace:!0,to:s.organization(x.slug)}):(0,y.jsxs)(y.Fragment,{children:[(0,y.jsx)(r,{icon:(0,y.jsx)(_,{size:28}),title:`You are in no organization yet`,actions:(0,y.jsxs)(y.Fragment,{children:[e.viewer?.canCreateOrganization&&(0,y.jsx)(o,{variant:`primary`,onPress:()=>f(!0),children:`Create an organization`}),(0,y.jsx)(l,{href:s.account,children:`Your account`})]}),children:`To join one, open the link in the mail that invites you.`}),(0,y.jsx)(p,{isOpen:c,onClose:()=>f(!1)})]})}export{x as Component};