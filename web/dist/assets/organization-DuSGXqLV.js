import{n as e,r as t}from"./rolldown-runtime-XKyaHtl9.js";import{Ln as n,Vn as r,c as i,d as a,kn as o,m as s,o as c,wr as l}from"./dialog-CCpx6r1f.js";import{c as u,m as d}from"./loading-y-6WcaPu.js";import{t as f}from"./error-state-DOX6461l.js";import{n as p}from"./last-organization-LXQyqsig.js";import{d as m,o as h,r as g}from"./index-BceMC-60.js";import{t as _}from"./shell-query-CPADshWz.js";import{i as v,r as y}from"./mutation-Ckl1SEfw.js";import{t as b}from"./page-header-L0QUA8UG.js";var x=t(l(),1),S={link:`_link_18k64_1`,buttons:`_buttons_18k64_8`,gate:`_gate_18k64_14`},C=o(),w=v(`
  mutation LinkSsoIdentity($input: LinkSsoIdentityInput!) {
    linkSsoIdentity(input: $input) {
      member {
        id
        flags {
          idpProvisioned
          idpRoleRestricted
          memberLimitRestricted
          partnershipRestricted
          ssoInvalid
          ssoLinked
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);function T({organizationId:e,providerName:t,reason:n,onLinked:r}){let{run:i,isRunning:o}=y(w),[l,u]=(0,x.useState)(null),d=t??`the organization's provider`;async function f(){let t=await i({input:{organizationId:e}});u(E(t)),t.kind===`ok`&&(a(`Your identity is linked.`),r?.())}return(0,C.jsxs)(`div`,{className:S.link,children:[n&&(0,C.jsx)(`p`,{children:n===`never`?`You have linked no identity of ${d} yet.`:`The identity that you have linked is not good any more. Sign in through ${d} and link it again.`}),l&&(0,C.jsxs)(c,{tone:`danger`,children:[(0,C.jsx)(`p`,{children:l.message}),l.isOfAnotherOrigin&&(0,C.jsxs)(`p`,{children:[`This session did not begin at `,d,`. Sign out, sign in through `,d,`, and come back to this page.`]})]}),(0,C.jsxs)(`div`,{className:S.buttons,children:[(0,C.jsx)(s,{isPending:o,onPress:f,children:`Link my identity`}),l?.isOfAnotherOrigin&&(0,C.jsx)(s,{onPress:h,children:`Sign out`})]})]})}function E(e){switch(e.kind){case`ok`:return null;case`refused`:return{message:e.userErrors.map(({message:e})=>e).join(` `),isOfAnotherOrigin:e.userErrors.some(({code:e})=>e===`SSO_REQUIRED`)};case`failed`:return{message:e.failure.message,isOfAnotherOrigin:!1}}}var D=v(`
  query ClosedOrganizations($query: String!) {
    organizations(first: 100, filter: { query: $query }) {
      nodes {
        id
        name
        slug
      }
    }
  }
`);function O({slug:e}){let{startOver:t}=g(),[{data:n,fetching:a}]=r({query:D,variables:{query:e}}),o=n?.organizations.nodes.find(t=>t.slug===e);return a&&!n?(0,C.jsx)(i,{count:3}):(0,C.jsxs)(`div`,{className:S.gate,children:[(0,C.jsx)(b,{title:o?.name??e,lead:`This organization lets in only whoever signs in through its identity provider and has linked that identity.`}),o&&(0,C.jsx)(T,{organizationId:o.id,providerName:null,reason:null,onLinked:t})]})}var k=e({Component:()=>M,useOrganization:()=>j}),A=(0,x.createContext)(null);function j(){let e=(0,x.use)(A);if(!e)throw Error(`No organization is open here.`);return e}function M(){let{organization:e=``}=d(),[{data:t,error:a},o]=r({query:_,variables:{slug:e,isInOrganization:!0}}),s=t?.organization,c=(0,x.useMemo)(()=>s&&{...s,can:e=>s.viewerScopes.includes(e),isSuperuser:t.viewer?.isSuperuser??!1},[t,s]);if((0,x.useEffect)(()=>{c&&p(c.slug)},[c]),c)return(0,C.jsx)(A,{value:c,children:(0,C.jsx)(u,{})},c.id);if(a){let t=n(a);return t.code===`SSO_REQUIRED`?(0,C.jsx)(O,{slug:e}):(0,C.jsx)(f,{failure:t,onRetry:o})}return t?(0,C.jsx)(m,{what:`organization`}):(0,C.jsx)(i,{})}export{j as n,T as r,k as t};