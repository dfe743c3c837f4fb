import{Br as e,K as t,Nr as n,Rr as r,V as i,W as a,a as o,b as s,dr as c,g as l,i as u,k as d}from"./index-ChbKHFs1.js";import{$ as f,H as p,J as m,O as h,S as g,X as _,q as v}from"./shared-uM1f4EoD.js";var y=e(r(),1),b=c(),x=f(`
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
`);function S({isOpen:e,onClose:t}){return(0,b.jsx)(u,{title:`Create an organization`,isOpen:e,onClose:t,children:(0,b.jsx)(w,{onClose:t})})}var C=s({name:d(),slug:d(),createDefaultTeam:l()});function w({onClose:e}){let[r,s]=h(`organization`,C,{name:``,slug:``,createDefaultTeam:!0}),{name:c,slug:l,createDefaultTeam:u}=r,[d,f]=(0,y.useState)(),{run:S,isRunning:w}=_(x),T=n();async function E(){let t=await S({input:{name:c,createDefaultTeam:u,...l&&{slug:l}}});if(f(m(t,[`name`,`slug`])),t.kind!==`ok`||!t.payload.organization)return;let{organization:n}=t.payload;i(`${n.name} is there, and you own it.`),e(),T(a.organization(n.slug))}return(0,b.jsxs)(v,{errors:d,onSubmit:E,children:[(0,b.jsx)(p,{label:`Name`,name:`name`,value:c,onChange:e=>s({...r,name:e}),isRequired:!0,maxLength:64,autoFocus:!0,autoComplete:`off`}),(0,b.jsx)(p,{label:`Name in addresses`,description:`Lower-case letters, digits and dashes. Made from the name if you leave it empty.`,name:`slug`,value:l,onChange:e=>s({...r,slug:e}),isMonospaced:!0,autoComplete:`off`}),(0,b.jsx)(g,{label:`Make a first team with me in it`,isSelected:u,onChange:e=>s({...r,createDefaultTeam:e})}),(0,b.jsxs)(o,{children:[(0,b.jsx)(t,{onPress:e,children:`Cancel`}),(0,b.jsx)(t,{type:`submit`,variant:`primary`,isPending:w,children:`Create`})]})]})}export{S as t};