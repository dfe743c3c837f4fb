import{t as e}from"./shield-check-FIrR5W9g.js";import{K as t,L as n,N as r,Or as i,V as a,Vr as o,W as s,a as c,b as l,br as u,dr as d,g as f,hr as p,i as m,ir as h,k as g,z as _,zr as v}from"./index-BYJYKF1t.js";import{$ as y,A as b,F as x,H as S,J as C,L as w,M as T,O as E,P as D,R as O,X as k,f as A,q as j,u as M}from"./shared-Bsbl8N4a.js";import{t as N}from"./radio-group-Dwfsb1Nf.js";var P=o(v(),1),F=y(`
  mutation SetAuthProvider($input: SetAuthProviderInput!) {
    setAuthProvider(input: $input) {
      organization {
        id
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),I={parts:`_parts_1m79d_1`,actions:`_actions_1m79d_7`,sentences:`_sentences_1m79d_12`,counts:`_counts_1m79d_20`},L=l({provider:g(),name:g(),isOptional:f(),isScimEnabled:f()});function R(e){return{provider:e?.provider??``,name:e?.name??``,isOptional:e?.isSsoOptional??!1,isScimEnabled:e?.isScimEnabled??!1}}function z(e,t,n){let r=e?.provider!==t.provider,i=!t.isOptional&&(r||e?.isSsoOptional===!0);return[e!==null&&r&&`Identities that were linked to ${e.name} are removed: everybody has to link again.`,i&&`Every member has to sign in through the provider and link that identity before they get in again. You too.`,t.isOptional&&e?.isSsoOptional===!1&&!r&&`Members get in without the provider again. What they have linked stays.`,n&&`Two-factor authentication is not required here any more: a second factor is the provider's business then.`,e?.isScimEnabled===!0&&!t.isScimEnabled&&V].filter(e=>e!==!1)}function B(e){return[`Everybody gets in as they did before ${e.name} was set up. What they have linked is removed.`,...e.isScimEnabled?[V]:[]]}var V=`Members and teams that SCIM has provisioned stay, and are changed here from now on instead of at the provider.`,H=d();function U({present:e,isOpen:t,onClose:n}){let r=b(),{run:i,isRunning:o}=k(F),[s,c]=(0,P.useState)();async function l(){let e=await i({input:{organizationId:r.id,provider:null}});c(C(e,[])),e.kind===`ok`&&(a(`Single sign-on is removed.`),n())}return(0,H.jsx)(x,{title:`Remove single sign-on?`,action:`Remove`,confirmText:r.slug,isOpen:t,isPending:o,errors:s,onConfirm:l,onClose:n,children:(0,H.jsx)(`ul`,{className:I.sentences,children:B(e).map(e=>(0,H.jsx)(`li`,{children:e},e))})})}function W({title:e,sentences:t}){return t.length===0?null:(0,H.jsxs)(r,{tone:`warning`,children:[(0,H.jsx)(`strong`,{children:e}),(0,H.jsx)(`ul`,{className:I.sentences,children:t.map(e=>(0,H.jsx)(`li`,{children:e},e))})]})}function G({present:e,isTwoFactorRequired:n,onDone:r,onCancel:i}){let o=b(),[s,l]=E(`sso.${o.id}`,L,R(e)),[u,d]=(0,P.useState)(),{run:f,isRunning:p}=k(F),m=e=>l({...s,...e}),h=s.provider.trim(),g=h?z(e,{...s,provider:h},n):[];async function _(){let t=await f({input:{organizationId:o.id,provider:h,name:s.name.trim()||null,allowUnlinked:s.isOptional,scimEnabled:s.isScimEnabled}});d(C(t,[`provider`,`name`])),t.kind===`ok`&&(a(e?`Single sign-on is changed.`:`Single sign-on is set up.`),r())}return(0,H.jsxs)(j,{errors:u,onSubmit:_,children:[(0,H.jsx)(S,{label:`Key of the provider`,description:(0,H.jsxs)(H.Fragment,{children:[`What tokens that were issued through it have in the claim `,(0,H.jsx)(`code`,{children:`idp`}),`, or the one that this deployment has configured.`]}),name:`provider`,value:s.provider,onChange:e=>m({provider:e}),isRequired:!0,maxLength:64,isMonospaced:!0,autoFocus:!0,autoComplete:`off`,placeholder:`google`}),(0,H.jsx)(S,{label:`Name to show`,description:`The key is shown if you leave it empty.`,name:`name`,value:s.name,onChange:e=>m({name:e}),maxLength:64,autoComplete:`off`}),(0,H.jsx)(N,{label:`Who has to use it`,options:[{id:`required`,name:`Every member`,description:`Nobody gets in without a linked identity. To try it out, begin with the other one and link yourself.`},{id:`optional`,name:`Whoever wants to`,description:`Members may also sign in without it.`}],value:s.isOptional?`optional`:`required`,onChange:e=>m({isOptional:e===`optional`})}),(0,H.jsx)(M,{label:`Members are provisioned by SCIM`,description:`The provider adds and removes members and teams. What it has added cannot be changed here.`,isSelected:s.isScimEnabled,onChange:e=>m({isScimEnabled:e})}),(0,H.jsx)(W,{title:`When you save`,sentences:g}),(0,H.jsxs)(c,{children:[(0,H.jsx)(t,{onPress:i,children:`Cancel`}),(0,H.jsx)(t,{type:`submit`,variant:`primary`,isPending:p,children:e?`Save`:`Set up`})]})]})}var K=y(`
  query SsoPage($slug: String!) {
    organization(slug: $slug) {
      id
      authProvider {
        id
        provider
        name
        isSsoOptional
        isScimEnabled
      }
      options {
        require2FA
      }
      viewerMembership {
        id
        flags {
          ssoLinked
          ssoInvalid
        }
      }
      linked: members(first: 1, filter: { isSsoLinked: true, isPending: false }) {
        totalCount
      }
      unlinked: members(first: 1, filter: { isSsoLinked: false, isPending: false }) {
        totalCount
      }
    }
  }
`);function q(){let{slug:r,can:i}=b(),[{data:a,error:o},s]=u({query:K,variables:{slug:r}}),[c,l]=(0,P.useState)(null),d=a?.organization,f=()=>l(null),g=(0,H.jsx)(O,{title:`Single sign-on`,lead:`The identity provider through which members sign in. It says who somebody is; what they may do is said here.`});if(!d)return(0,H.jsxs)(H.Fragment,{children:[g,o?(0,H.jsx)(_,{failure:p(o),onRetry:s}):(0,H.jsx)(n,{count:3})]});let{authProvider:v}=d;return(0,H.jsxs)(H.Fragment,{children:[g,v?(0,H.jsxs)(`div`,{className:I.parts,children:[(0,H.jsx)(J,{provider:v,actions:i(`org:admin`)&&(0,H.jsxs)(`span`,{className:I.actions,children:[(0,H.jsx)(t,{size:`small`,onPress:()=>l(`edit`),children:`Change`}),(0,H.jsx)(t,{size:`small`,onPress:()=>l(`remove`),children:`Remove`})]})}),(0,H.jsx)(Y,{organization:d,provider:v}),(0,H.jsx)(X,{organization:d}),(0,H.jsx)(U,{present:v,isOpen:c===`remove`,onClose:f})]}):(0,H.jsx)(h,{icon:(0,H.jsx)(e,{size:28}),title:`Single sign-on is not set up`,actions:i(`org:admin`)&&(0,H.jsx)(t,{variant:`primary`,onPress:()=>l(`edit`),children:`Set up`}),children:`Members sign in as they like. With a provider, each links an identity of it, and whoever leaves there is kept out here.`}),(0,H.jsx)(m,{title:v?`Change single sign-on`:`Set up single sign-on`,isOpen:c===`edit`,onClose:f,children:(0,H.jsx)(G,{present:v,isTwoFactorRequired:d.options?.require2FA??!1,onDone:f,onCancel:f})})]})}function J({provider:e,actions:t}){return(0,H.jsx)(A,{level:2,title:e.name,actions:t,children:(0,H.jsx)(D,{facts:[[`Key`,(0,H.jsx)(`code`,{children:e.provider},`key`)],[`Who uses it`,e.isSsoOptional?`Whoever wants to; members may also sign in without it`:`Every member; nobody gets in without a linked identity`],[`SCIM`,e.isScimEnabled?`On: the provider adds and removes members and teams`:`Off`]]})})}function Y({organization:e,provider:t}){let n=e.viewerMembership?.flags;if(!n)return null;let r=n.ssoLinked&&!n.ssoInvalid;return(0,H.jsx)(A,{level:2,title:`Your identity`,children:r?(0,H.jsxs)(`p`,{children:[(0,H.jsx)(w,{tone:`success`,children:`Linked`}),` Your identity of `,t.name,` is linked to your membership.`]}):(0,H.jsx)(T,{organizationId:e.id,providerName:t.name,reason:n.ssoInvalid?`lapsed`:`never`})})}function X({organization:{linked:e,unlinked:t}}){let{slug:n}=b(),r=s.organization(n,`members`);return(0,H.jsx)(A,{level:2,title:`Members`,children:(0,H.jsxs)(`dl`,{className:I.counts,children:[(0,H.jsxs)(`div`,{children:[(0,H.jsx)(`dt`,{children:`Linked`}),(0,H.jsx)(`dd`,{children:(0,H.jsx)(i,{to:`${r}?sso=yes&pending=no`,children:e.totalCount.toLocaleString()})})]}),(0,H.jsxs)(`div`,{children:[(0,H.jsx)(`dt`,{children:`Not linked`}),(0,H.jsx)(`dd`,{children:(0,H.jsx)(i,{to:`${r}?sso=no&pending=no`,children:t.totalCount.toLocaleString()})})]})]})})}export{q as Component};