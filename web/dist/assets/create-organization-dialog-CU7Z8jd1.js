import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{d as t,kn as n,m as r,n as i,p as a,t as o,wr as s}from"./dialog-CCpx6r1f.js";import{p as c}from"./loading-y-6WcaPu.js";import{i as l,r as u,t as d}from"./mutation-Ckl1SEfw.js";import{t as f}from"./checkbox-_Cc6-O9G.js";import{t as p}from"./form-BXybd3IG.js";import{t as m}from"./text-field-B9lpM1Yy.js";var h=e(s(),1),g=n(),_=l(`
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
`);function v({isOpen:e,onClose:n}){let[s,l]=(0,h.useState)(``),[v,y]=(0,h.useState)(``),[b,x]=(0,h.useState)(!0),[S,C]=(0,h.useState)(),{run:w,isRunning:T}=u(_),E=c();async function D(){let e=await w({input:{name:s,createDefaultTeam:b,...v&&{slug:v}}});if(C(d(e,[`name`,`slug`])),e.kind!==`ok`||!e.payload.organization)return;let{organization:r}=e.payload;t(`${r.name} is there, and you own it.`),n(),E(a.organization(r.slug))}return(0,g.jsx)(o,{title:`Create an organization`,isOpen:e,onClose:n,children:(0,g.jsxs)(p,{errors:S,onSubmit:D,children:[(0,g.jsx)(m,{label:`Name`,name:`name`,value:s,onChange:l,isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,g.jsx)(m,{label:`Name in addresses`,description:`Lower-case letters, digits and dashes. Made from the name if you leave it empty.`,name:`slug`,value:v,onChange:y,isMonospaced:!0,autoComplete:`off`}),(0,g.jsx)(f,{label:`Make a first team with me in it`,isSelected:b,onChange:x}),(0,g.jsxs)(i,{children:[(0,g.jsx)(r,{onPress:n,children:`Cancel`}),(0,g.jsx)(r,{type:`submit`,variant:`primary`,isPending:T,children:`Create`})]})]})})}export{v as t};