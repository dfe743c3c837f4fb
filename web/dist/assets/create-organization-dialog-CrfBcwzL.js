import{K as e,Pr as t,V as n,Vr as r,W as i,a,b as o,dr as s,g as c,i as l,k as u,zr as d}from"./index-BYJYKF1t.js";import{$ as f,H as p,J as m,O as h,S as g,X as _,q as v}from"./shared-Bsbl8N4a.js";var y=r(d(),1),b=s(),x=f(`
  mutation CreateOrganization($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      organization {
        id
        slug
        name
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);function S({isOpen:e,onClose:t}){return(0,b.jsx)(l,{title:`Create an organization`,isOpen:e,onClose:t,children:(0,b.jsx)(w,{onClose:t})})}var C=o({name:u(),slug:u(),createDefaultTeam:c()});function w({onClose:r}){let[o,s]=h(`organization`,C,{name:``,slug:``,createDefaultTeam:!0}),{name:c,slug:l,createDefaultTeam:u}=o,[d,f]=(0,y.useState)(),{run:S,isRunning:w}=_(x),T=t();async function E(){let e=await S({input:{name:c,createDefaultTeam:u,...l&&{slug:l}}});if(f(m(e,[`name`,`slug`])),e.kind!==`ok`||!e.payload.organization)return;let{organization:t}=e.payload;n(`${t.name} is there, and you own it.`),r(),T(i.organization(t.slug))}return(0,b.jsxs)(v,{errors:d,onSubmit:E,children:[(0,b.jsx)(p,{label:`Name`,name:`name`,value:c,onChange:e=>s({...o,name:e}),isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,b.jsx)(p,{label:`Name in addresses`,description:`Lower-case letters, digits and dashes. Made from the name if you leave it empty.`,name:`slug`,value:l,onChange:e=>s({...o,slug:e}),isMonospaced:!0,autoComplete:`off`}),(0,b.jsx)(g,{label:`Make a first team with me in it`,isSelected:u,onChange:e=>s({...o,createDefaultTeam:e})}),(0,b.jsxs)(a,{children:[(0,b.jsx)(e,{onPress:r,children:`Cancel`}),(0,b.jsx)(e,{type:`submit`,variant:`primary`,isPending:w,children:`Create`})]})]})}export{S as t};