import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{Fn as t,Ln as n,On as r,Pn as i,Vn as a,c as o,d as s,jn as c,kn as l,m as u,o as d,p as f,wr as p}from"./dialog-CCpx6r1f.js";import{f as m,h,m as g,p as _,r as v}from"./loading-y-6WcaPu.js";import{a as y,o as b,r as x,s as S}from"./index-BceMC-60.js";import{t as C}from"./error-state-DOX6461l.js";import{t as w}from"./avatar-HtA2tk-z.js";import{t as T}from"./relative-time-B91wVu1_.js";import{i as E,r as D,t as O}from"./mutation-Ckl1SEfw.js";import{t as k}from"./form-BXybd3IG.js";import{n as A,t as j}from"./sign-in-ways-DzvvQPkg.js";import{t as M}from"./text-field-B9lpM1Yy.js";import{a as ee,c as te,d as ne,f as N,n as P,o as F,t as I,u as L}from"./dist-DniaeOiV.js";import{t as R}from"./check-xf3BDMuY.js";var z={name:`clock`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`10`,key:`1mglay`}],[`path`,{d:`M12 6v6l4 2`,key:`mmk7yg`}]]};z.node;var B=t(z),V={name:`unlink`,size:24,node:[[`path`,{d:`m18.84 12.25 1.72-1.71h-.02a5.004 5.004 0 0 0-.12-7.07 5.006 5.006 0 0 0-6.95 0l-1.72 1.71`,key:`yqzxt4`}],[`path`,{d:`m5.17 11.75-1.71 1.71a5.004 5.004 0 0 0 .12 7.07 5.006 5.006 0 0 0 6.95 0l1.71-1.71`,key:`4qinb0`}],[`line`,{x1:`8`,x2:`8`,y1:`2`,y2:`5`,key:`1041cp`}],[`line`,{x1:`2`,x2:`5`,y1:`8`,y2:`8`,key:`14m1p5`}],[`line`,{x1:`16`,x2:`16`,y1:`19`,y2:`22`,key:`rzdirn`}],[`line`,{x1:`19`,x2:`22`,y1:`16`,y2:`16`,key:`ox905f`}]]};V.node;var H=t(V),U=e(p(),1),W={page:`_page_1xi22_1`,card:`_card_1xi22_9`,head:`_head_1xi22_18`,muted:`_muted_1xi22_24`,steps:`_steps_1xi22_29`,step:`_step_1xi22_29`,mark:`_mark_1xi22_56`,current:`_current_1xi22_68`,done:`_done_1xi22_74`,body:`_body_1xi22_80`,title:`_title_1xi22_87`,ahead:`_ahead_1xi22_92`,hidden:`_hidden_1xi22_97`,ways:`_ways_1xi22_105`,who:`_who_1xi22_111`,actions:`_actions_1xi22_124`,foot:`_foot_1xi22_131`},G=E(`
  query InviteToAccept($token: String!) {
    viewer {
      user {
        id
        name
        email
      }
    }
    invitePreview(token: $token) {
      expiresAt
      inviterName
      isExistingMember
      isExpired
      organizationId
      organizationName
      organizationSlug
      requirements
      ssoProvider
      organizationAvatar {
        ...AvatarImage
      }
      role {
        id
        name
        description
      }
    }
  }
`),K=E(`
  mutation AcceptInvite($input: AcceptInviteInput!) {
    acceptInvite(input: $input) {
      organization {
        id
        name
        slug
      }
      member {
        id
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),q=E(`
  mutation LinkSsoToAccept($input: LinkSsoIdentityInput!) {
    linkSsoIdentity(input: $input) {
      member {
        id
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`),J=l();function re({token:e,organization:t,isReading:n,onInside:r,onRefused:i}){let{run:a,isRunning:o}=D(K),[c,l]=(0,U.useState)(),d=_();async function p(){let n=await a({input:{token:e}});if(l(O(n,[])),n.kind===`ok`){let e=n.payload.organization;s(`Welcome to ${t}.`),d(e?f.organization(e.slug):f.home,{replace:!0})}else n.kind===`refused`&&(n.userErrors.some(({code:e})=>e===`ALREADY_MEMBER`)?r():i())}return(0,J.jsx)(k,{errors:c,onSubmit:p,children:(0,J.jsx)(`div`,{children:(0,J.jsxs)(u,{type:`submit`,variant:`primary`,isPending:o,isDisabled:n,children:[`Join `,t]})})})}function Y(){let{settings:e}=x();return(0,J.jsx)(r,{icon:(0,J.jsx)(H,{size:28}),title:`This invite is not valid`,actions:(0,J.jsxs)(v,{href:f.home,children:[`Open `,e.productName]}),children:`It was used or withdrawn, a newer mail has another link, or a part of the address is missing. Ask whoever invited you for a new one.`})}function X({organization:e,inviter:t}){return(0,J.jsxs)(r,{icon:(0,J.jsx)(B,{size:28}),title:`This invite has run out`,children:[`Ask `,t??`somebody at ${e}`,` to send it again with a new link.`]})}function ie({organization:e,slug:t,name:n,onSwitch:a}){return(0,J.jsxs)(r,{icon:(0,J.jsx)(i,{size:28}),title:`You are in ${e} already`,actions:(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(v,{variant:`primary`,href:f.organization(t),children:[`Open `,e]}),(0,J.jsx)(u,{onPress:a,children:`Use another account`})]}),children:[`You are signed in as `,n,`. Is the invite for another account of yours, or for somebody else? Then sign in as that one.`]})}function ae({isSwitching:e}){let{session:t}=x(),{pathname:n}=m();return(0,J.jsxs)(J.Fragment,{children:[t.hasExpired&&(0,J.jsx)(d,{children:`Your session has ended. Sign in again to go on.`}),t.token!==null&&(0,J.jsx)(d,{tone:`warning`,children:`You are signed in as an app. Only people can accept an invite.`}),(0,J.jsx)(`p`,{className:W.muted,children:`With an account that you have or a new one: the invite is for whoever has the link, whatever their address.`}),(0,J.jsx)(`div`,{className:W.ways,children:(0,J.jsx)(j,{next:n,isFresh:e})})]})}function oe({user:e,onSwitch:t}){return(0,J.jsxs)(`div`,{className:W.who,children:[(0,J.jsxs)(`span`,{className:W.muted,children:[`As `,(0,J.jsx)(`bdi`,{children:e.name}),e.email&&e.email!==e.name&&` (${e.email})`]}),(0,J.jsx)(u,{variant:`quiet`,size:`small`,onPress:t,children:`Use another account`})]})}var se=ee({sub:N(),name:F(N()),email:F(N()),email_verified:F(P()),amr:F(I(N())),idp:F(N())});function ce(e){let t=e.split(`.`)[1];if(t===void 0)return null;let n=ne(L(N(),te(),se),le(t));return n.success?n.output:null}function le(e){try{let t=atob(e.replaceAll(`-`,`+`).replaceAll(`_`,`/`));return new TextDecoder().decode(Uint8Array.from(t,e=>e.charCodeAt(0)))}catch{return null}}function Z({user:e,isFresh:t=!1,proof:n,developmentLabel:r,search:i=``,onSignIn:a,children:o}){let{settings:s,session:c}=x(),{pathname:l}=m(),[f,p]=(0,U.useState)(),{oidc:h,mint:g}=s.signIn,_=c.token===null?null:ce(c.token);async function v(t,r){let i={..._?.name!==void 0&&{name:_.name},..._?.amr&&{mfa:_.amr.includes(`otp`)},..._?.email_verified!==void 0&&{emailVerified:_.email_verified},..._?.idp!==void 0&&{idp:_.idp}},o=_?.email??e?.email;try{let e=await A(t,{subject:r,...o&&{email:o},...i,...n});a?.(),y(e)}catch(e){p(e instanceof Error?e.message:String(e))}}return h&&(c.lease||!g)?(0,J.jsx)(S,{provider:h,next:l+i,isFresh:t,children:o}):(0,J.jsxs)(`div`,{className:W.actions,children:[f&&(0,J.jsx)(d,{tone:`danger`,children:f}),g&&_?(0,J.jsx)(u,{variant:`primary`,onPress:()=>v(g,_.sub),children:r}):(0,J.jsx)(u,{variant:`primary`,onPress:b,children:o})]})}var Q=`link`;function ue({preview:e,user:t,onLinked:n}){let{organizationId:r,organizationName:i}=e,a=e.ssoProvider??`the organization's provider`,{settings:o,session:s}=x(),[c,l]=h(),{run:d,isRunning:f}=D(q),[p,m]=(0,U.useState)(),[g,_]=(0,U.useState)(e.ssoProvider?.toLowerCase()??``),v=(0,U.useRef)(null),y=(0,U.useCallback)(async()=>{let e=await d({input:{organizationId:r}});m(O(e,[])),e.kind===`ok`&&n()},[d,r,n]),b=c.has(Q);return(0,U.useEffect)(()=>{b&&v.current!==s.id&&(v.current=s.id,l({},{replace:!0}),y())},[b,s.id,l,y]),(0,J.jsxs)(k,{errors:p,onSubmit:y,children:[(0,J.jsxs)(`p`,{className:W.muted,children:[i,` lets in only people who sign in through `,a,`. Sign in again and choose it at the identity provider: it may be behind “Use your company's account” or a button with its name. Your account here stays the same one.`]}),o.signIn.mint&&!s.lease&&(0,J.jsx)(M,{label:`Key of the provider`,description:`Development only: what the claim idp of the token is to say.`,value:g,onChange:_,isMonospaced:!0}),(0,J.jsx)(Z,{user:t,isFresh:!0,proof:{idp:g},developmentLabel:`Sign in through ${a}`,search:`?${Q}`,onSignIn:()=>l({[Q]:``},{replace:!0}),children:`Sign in through ${a}`}),(0,J.jsx)(`div`,{children:(0,J.jsx)(u,{type:`submit`,size:`small`,isPending:f,children:`I have signed in through it: check again`})})]})}var de={done:`done`,current:`now`,ahead:`later`};function fe({number:e,state:t,title:n,children:r}){return(0,J.jsxs)(`li`,{className:c(W.step,W[t]),"aria-current":t===`current`?`step`:void 0,children:[(0,J.jsx)(`span`,{className:W.mark,"aria-hidden":`true`,children:t===`done`?(0,J.jsx)(R,{size:14}):e}),(0,J.jsxs)(`div`,{className:W.body,children:[(0,J.jsxs)(`h2`,{className:W.title,children:[n,(0,J.jsxs)(`span`,{className:W.hidden,children:[` (`,de[t],`)`]})]}),r]})]})}var pe=[`SIGN_IN`,`ENROLL_TWO_FACTOR`,`VERIFY_EMAIL`,`LINK_SSO`];function $(e,t){let n=pe.filter(n=>n===`SIGN_IN`||e.includes(n)||t.includes(n)),r=n.find(t=>e.includes(t))??`JOIN`;return[...n,`JOIN`].map(t=>({id:t,state:t===r?`current`:t!==`JOIN`&&!e.includes(t)?`done`:`ahead`}))}function me({organization:e,user:t}){return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(`p`,{className:W.muted,children:[e,` lets in only people who sign in with a second factor, such as an authenticator app or a security key. Set one up in the security settings of your account at the identity provider, then sign in again with it.`]}),(0,J.jsx)(Z,{user:t,isFresh:!0,proof:{mfa:!0},developmentLabel:`Sign in with a second factor`,children:`I have set it up: check again`})]})}function he({organization:e,user:t}){return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(`p`,{className:W.muted,children:[e,` lets in only people whose address is verified`,t?.email?`, and ${t.email} is not yet`:``,`. Open the mail that your identity provider has sent to that address, or have it sent again in the settings of your account there, and follow its link.`]}),(0,J.jsx)(Z,{user:t,proof:{emailVerified:!0},developmentLabel:`Sign in with a verified address`,children:`I have verified it: check again`})]})}function ge({token:e,preview:t,user:n,isReading:r,onChange:i}){let{organizationName:a,organizationSlug:o,inviterName:s,requirements:c}=t,[l,u]=(0,U.useState)([]),[d,f]=(0,U.useState)(!1),[p,m]=(0,U.useState)(!1);c.some(e=>!l.includes(e))&&u([...new Set([...l,...c])]);function h(){m(!0),f(!1),b()}if(n&&(t.isExistingMember||d))return(0,J.jsx)(ie,{organization:a,slug:o,name:n.name,onSwitch:h});if(t.isExpired)return(0,J.jsx)(X,{organization:a,inviter:s});let g={SIGN_IN:`Sign in`,ENROLL_TWO_FACTOR:`Set up a second factor`,VERIFY_EMAIL:`Verify your address`,LINK_SSO:`Sign in through ${t.ssoProvider??`your organization`}`,JOIN:`Join ${a}`};function _(o){switch(o){case`SIGN_IN`:return(0,J.jsx)(ae,{isSwitching:p});case`ENROLL_TWO_FACTOR`:return(0,J.jsx)(me,{organization:a,user:n});case`VERIFY_EMAIL`:return(0,J.jsx)(he,{organization:a,user:n});case`LINK_SSO`:return(0,J.jsx)(ue,{preview:t,user:n,onLinked:i});case`JOIN`:return(0,J.jsx)(re,{token:e,organization:a,isReading:r,onInside:()=>f(!0),onRefused:i})}}return(0,J.jsxs)(J.Fragment,{children:[(0,J.jsxs)(`header`,{className:W.head,children:[(0,J.jsx)(w,{avatar:t.organizationAvatar,size:`large`,isSquare:!0}),(0,J.jsxs)(`div`,{children:[(0,J.jsxs)(`h1`,{children:[`Join `,a]}),(0,J.jsxs)(`p`,{className:W.muted,children:[s?`${s} invites you to ${a}`:`You are invited to ${a}`,` `,`as `,t.role.name.toLocaleLowerCase(),`.`]})]})]}),(0,J.jsx)(`ol`,{className:W.steps,children:$(c,l).map(({id:e,state:t},r)=>(0,J.jsxs)(fe,{number:r+1,state:t,title:g[e],children:[t===`current`&&_(e),e===`SIGN_IN`&&t===`done`&&n&&(0,J.jsx)(oe,{user:n,onSwitch:h})]},e))}),(0,J.jsxs)(`p`,{className:W.foot,children:[t.role.name,`: `,t.role.description,t.expiresAt&&(0,J.jsxs)(J.Fragment,{children:[` `,`The invite is good until `,(0,J.jsx)(T,{at:t.expiresAt}),`.`]})]})]})}function _e(){let{token:e=``}=g(),{settings:t}=x(),[{data:r,error:i,fetching:s},c]=a({query:G,variables:{token:e}}),l=r?.invitePreview,u=l?.organizationName;return(0,U.useEffect)(()=>{document.title=u?`Join ${u} · ${t.productName}`:`Invite · ${t.productName}`},[u,t]),(0,J.jsx)(`main`,{className:W.page,children:(0,J.jsx)(`div`,{className:W.card,children:l?(0,J.jsx)(ge,{token:e,preview:l,user:r.viewer?.user??null,isReading:s,onChange:()=>c({requestPolicy:`network-only`})}):r?(0,J.jsx)(Y,{}):i?(0,J.jsx)(C,{failure:n(i),onRetry:()=>c({requestPolicy:`network-only`})}):(0,J.jsx)(o,{count:4})})})}export{_e as Component};