import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{t}from"./shield-check-Zid48mUO.js";import{Ln as n,On as r,Vn as i,c as a,d as o,kn as s,m as c,n as l,o as u,p as d,t as f,wr as p}from"./dialog-CCpx6r1f.js";import{a as m}from"./loading-y-6WcaPu.js";import{i as h,r as g,t as _}from"./mutation-Ckl1SEfw.js";import{n as v,r as y}from"./organization-DuSGXqLV.js";import{t as b}from"./badge-mEKoaDR5.js";import{t as x}from"./error-state-DOX6461l.js";import{t as S}from"./facts-DYBkkCPR.js";import{t as C}from"./page-header-L0QUA8UG.js";import{n as w,t as T}from"./switch-YYR4-gR2.js";import{t as E}from"./confirm-dialog-D8gefk2X.js";import{t as D}from"./form-BXybd3IG.js";import{t as O}from"./radio-group-BgGawyJB.js";import{t as k}from"./text-field-B9lpM1Yy.js";var A=e(p(),1),j=h(`
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
`),M={parts:`_parts_1m79d_1`,actions:`_actions_1m79d_7`,sentences:`_sentences_1m79d_12`,counts:`_counts_1m79d_20`};function N(e){return{provider:e?.provider??``,name:e?.name??``,isOptional:e?.isSsoOptional??!1,isScimEnabled:e?.isScimEnabled??!1}}function P(e,t,n){let r=e?.provider!==t.provider,i=!t.isOptional&&(r||e?.isSsoOptional===!0);return[e!==null&&r&&`Identities that were linked to ${e.name} are removed: everybody has to link again.`,i&&`Every member has to sign in through the provider and link that identity before they get in again. You too.`,t.isOptional&&e?.isSsoOptional===!1&&!r&&`Members get in without the provider again. What they have linked stays.`,n&&`Two-factor authentication is not required here any more: a second factor is the provider's business then.`,e?.isScimEnabled===!0&&!t.isScimEnabled&&I].filter(e=>e!==!1)}function F(e){return[`Everybody gets in as they did before ${e.name} was set up. What they have linked is removed.`,...e.isScimEnabled?[I]:[]]}var I=`Members and teams that SCIM has provisioned stay, and are changed here from now on instead of at the provider.`,L=s();function R({present:e,isOpen:t,onClose:n}){let r=v(),{run:i,isRunning:a}=g(j),[s,c]=(0,A.useState)();async function l(){let e=await i({input:{organizationId:r.id,provider:null}});c(_(e,[])),e.kind===`ok`&&(o(`Single sign-on is removed.`),n())}return(0,L.jsx)(E,{title:`Remove single sign-on?`,action:`Remove`,confirmText:r.slug,isOpen:t,isPending:a,errors:s,onConfirm:l,onClose:n,children:(0,L.jsx)(`ul`,{className:M.sentences,children:F(e).map(e=>(0,L.jsx)(`li`,{children:e},e))})})}function z({title:e,sentences:t}){return t.length===0?null:(0,L.jsxs)(u,{tone:`warning`,children:[(0,L.jsx)(`strong`,{children:e}),(0,L.jsx)(`ul`,{className:M.sentences,children:t.map(e=>(0,L.jsx)(`li`,{children:e},e))})]})}function B({present:e,isTwoFactorRequired:t,onDone:n,onCancel:r}){let i=v(),[a,s]=(0,A.useState)(N(e)),[u,d]=(0,A.useState)(),{run:f,isRunning:p}=g(j),m=e=>s({...a,...e}),h=a.provider.trim(),y=h?P(e,{...a,provider:h},t):[];async function b(){let t=await f({input:{organizationId:i.id,provider:h,name:a.name.trim()||null,allowUnlinked:a.isOptional,scimEnabled:a.isScimEnabled}});d(_(t,[`provider`,`name`])),t.kind===`ok`&&(o(e?`Single sign-on is changed.`:`Single sign-on is set up.`),n())}return(0,L.jsxs)(D,{errors:u,onSubmit:b,children:[(0,L.jsx)(k,{label:`Key of the provider`,description:(0,L.jsxs)(L.Fragment,{children:[`What tokens that were issued through it have in the claim `,(0,L.jsx)(`code`,{children:`idp`}),`, or the one that this deployment has configured.`]}),name:`provider`,value:a.provider,onChange:e=>m({provider:e}),isRequired:!0,maxLength:64,isMonospaced:!0,autoFocus:!0,autoComplete:`off`,placeholder:`google`}),(0,L.jsx)(k,{label:`Name to show`,description:`The key is shown if you leave it empty.`,name:`name`,value:a.name,onChange:e=>m({name:e}),maxLength:64,autoComplete:`off`}),(0,L.jsx)(O,{label:`Who has to use it`,options:[{id:`required`,name:`Every member`,description:`Nobody gets in without a linked identity. To try it out, begin with the other one and link yourself.`},{id:`optional`,name:`Whoever wants to`,description:`Members may also sign in without it.`}],value:a.isOptional?`optional`:`required`,onChange:e=>m({isOptional:e===`optional`})}),(0,L.jsx)(T,{label:`Members are provisioned by SCIM`,description:`The provider adds and removes members and teams. What it has added cannot be changed here.`,isSelected:a.isScimEnabled,onChange:e=>m({isScimEnabled:e})}),(0,L.jsx)(z,{title:`When you save`,sentences:y}),(0,L.jsxs)(l,{children:[(0,L.jsx)(c,{onPress:r,children:`Cancel`}),(0,L.jsx)(c,{type:`submit`,variant:`primary`,isPending:p,children:e?`Save`:`Set up`})]})]})}var V=h(`
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
`);function H(){let{slug:e,can:o}=v(),[{data:s,error:l},u]=i({query:V,variables:{slug:e}}),[d,p]=(0,A.useState)(null),m=s?.organization,h=()=>p(null),g=(0,L.jsx)(C,{title:`Single sign-on`,lead:`The identity provider through which members sign in. It says who somebody is; what they may do is said here.`});if(!m)return(0,L.jsxs)(L.Fragment,{children:[g,l?(0,L.jsx)(x,{failure:n(l),onRetry:u}):(0,L.jsx)(a,{count:3})]});let{authProvider:_}=m;return(0,L.jsxs)(L.Fragment,{children:[g,_?(0,L.jsxs)(`div`,{className:M.parts,children:[(0,L.jsx)(U,{provider:_,actions:o(`org:admin`)&&(0,L.jsxs)(`span`,{className:M.actions,children:[(0,L.jsx)(c,{size:`small`,onPress:()=>p(`edit`),children:`Change`}),(0,L.jsx)(c,{size:`small`,onPress:()=>p(`remove`),children:`Remove`})]})}),(0,L.jsx)(W,{organization:m,provider:_}),(0,L.jsx)(G,{organization:m}),(0,L.jsx)(R,{present:_,isOpen:d===`remove`,onClose:h})]}):(0,L.jsx)(r,{icon:(0,L.jsx)(t,{size:28}),title:`Single sign-on is not set up`,actions:o(`org:admin`)&&(0,L.jsx)(c,{variant:`primary`,onPress:()=>p(`edit`),children:`Set up`}),children:`Members sign in as they like. With a provider, each links an identity of it, and whoever leaves there is kept out here.`}),(0,L.jsx)(f,{title:_?`Change single sign-on`:`Set up single sign-on`,isOpen:d===`edit`,onClose:h,children:(0,L.jsx)(B,{present:_,isTwoFactorRequired:m.options?.require2FA??!1,onDone:h,onCancel:h})})]})}function U({provider:e,actions:t}){return(0,L.jsx)(w,{level:2,title:e.name,actions:t,children:(0,L.jsx)(S,{facts:[[`Key`,(0,L.jsx)(`code`,{children:e.provider},`key`)],[`Who uses it`,e.isSsoOptional?`Whoever wants to; members may also sign in without it`:`Every member; nobody gets in without a linked identity`],[`SCIM`,e.isScimEnabled?`On: the provider adds and removes members and teams`:`Off`]]})})}function W({organization:e,provider:t}){let n=e.viewerMembership?.flags;if(!n)return null;let r=n.ssoLinked&&!n.ssoInvalid;return(0,L.jsx)(w,{level:2,title:`Your identity`,children:r?(0,L.jsxs)(`p`,{children:[(0,L.jsx)(b,{tone:`success`,children:`Linked`}),` Your identity of `,t.name,` is linked to your membership.`]}):(0,L.jsx)(y,{organizationId:e.id,providerName:t.name,reason:n.ssoInvalid?`lapsed`:`never`})})}function G({organization:{linked:e,unlinked:t}}){let{slug:n}=v(),r=d.organization(n,`members`);return(0,L.jsx)(w,{level:2,title:`Members`,children:(0,L.jsxs)(`dl`,{className:M.counts,children:[(0,L.jsxs)(`div`,{children:[(0,L.jsx)(`dt`,{children:`Linked`}),(0,L.jsx)(`dd`,{children:(0,L.jsx)(m,{to:`${r}?sso=yes&pending=no`,children:e.totalCount.toLocaleString()})})]}),(0,L.jsxs)(`div`,{children:[(0,L.jsx)(`dt`,{children:`Not linked`}),(0,L.jsx)(`dd`,{children:(0,L.jsx)(m,{to:`${r}?sso=no&pending=no`,children:t.totalCount.toLocaleString()})})]})]})})}export{H as Component};