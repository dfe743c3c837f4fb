import{G as e,Ir as t,K as n,L as r,Lr as i,N as a,Nr as o,Pr as s,V as c,Vr as l,W as u,ar as d,br as f,cr as p,d as m,dr as h,hr as g,ir as _,lr as v,r as y,z as b,zr as x}from"./index-BYJYKF1t.js";import{$ as S,Dt as C,H as w,J as T,Q as E,V as D,X as O,Z as k,q as A}from"./shared-Bsbl8N4a.js";import{t as j}from"./sign-in-ways-DP9Oq2gO.js";var M={name:`clock`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`10`,key:`1mglay`}],[`path`,{d:`M12 6v6l4 2`,key:`mmk7yg`}]]};M.node;var N=v(M),P={name:`unlink`,size:24,node:[[`path`,{d:`m18.84 12.25 1.72-1.71h-.02a5.004 5.004 0 0 0-.12-7.07 5.006 5.006 0 0 0-6.95 0l-1.72 1.71`,key:`yqzxt4`}],[`path`,{d:`m5.17 11.75-1.71 1.71a5.004 5.004 0 0 0 .12 7.07 5.006 5.006 0 0 0 6.95 0l1.71-1.71`,key:`4qinb0`}],[`line`,{x1:`8`,x2:`8`,y1:`2`,y2:`5`,key:`1041cp`}],[`line`,{x1:`2`,x2:`5`,y1:`8`,y2:`8`,key:`14m1p5`}],[`line`,{x1:`16`,x2:`16`,y1:`19`,y2:`22`,key:`rzdirn`}],[`line`,{x1:`19`,x2:`22`,y1:`16`,y2:`16`,key:`ox905f`}]]};P.node;var F=v(P),I=l(x(),1),L={page:`_page_1xi22_1`,card:`_card_1xi22_9`,head:`_head_1xi22_18`,muted:`_muted_1xi22_24`,steps:`_steps_1xi22_29`,step:`_step_1xi22_29`,mark:`_mark_1xi22_56`,current:`_current_1xi22_68`,done:`_done_1xi22_74`,body:`_body_1xi22_80`,title:`_title_1xi22_87`,ahead:`_ahead_1xi22_92`,hidden:`_hidden_1xi22_97`,ways:`_ways_1xi22_105`,who:`_who_1xi22_111`,actions:`_actions_1xi22_124`,foot:`_foot_1xi22_131`},R=S(`
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
`),z=S(`
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
`),B=S(`
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
`),V=h();function H({token:e,organization:t,isReading:r,onInside:i,onRefused:a}){let{run:o,isRunning:l}=O(z),[d,f]=(0,I.useState)(),p=s();async function m(){let n=await o({input:{token:e}});if(f(T(n,[])),n.kind===`ok`){let e=n.payload.organization;c(`Welcome to ${t}.`),p(e?u.organization(e.slug):u.home,{replace:!0})}else n.kind===`refused`&&(n.userErrors.some(({code:e})=>e===`ALREADY_MEMBER`)?i():a())}return(0,V.jsx)(A,{errors:d,onSubmit:m,children:(0,V.jsx)(`div`,{children:(0,V.jsxs)(n,{type:`submit`,variant:`primary`,isPending:l,isDisabled:r,children:[`Join `,t]})})})}function U(){let{settings:t}=y();return(0,V.jsx)(_,{icon:(0,V.jsx)(F,{size:28}),title:`This invite is not valid`,level:1,actions:(0,V.jsxs)(e,{href:u.home,children:[`Open `,t.productName]}),children:`It was used or withdrawn, a newer mail has another link, or a part of the address is missing. Ask whoever invited you for a new one.`})}function W({organization:e,inviter:t}){return(0,V.jsxs)(_,{icon:(0,V.jsx)(N,{size:28}),title:`This invite has run out`,level:1,children:[`Ask `,t??`somebody at ${e}`,` to send it again with a new link.`]})}function G({organization:t,slug:r,name:i,onSwitch:a}){return(0,V.jsxs)(_,{icon:(0,V.jsx)(p,{size:28}),title:`You are in ${t} already`,level:1,actions:(0,V.jsxs)(V.Fragment,{children:[(0,V.jsxs)(e,{variant:`primary`,href:u.organization(r),children:[`Open `,t]}),(0,V.jsx)(n,{onPress:a,children:`Use another account`})]}),children:[`You are signed in as `,i,`. Is the invite for another account of yours, or for somebody else? Then sign in as that one.`]})}function K({isSwitching:e}){let{session:t}=y(),{pathname:n}=o();return(0,V.jsxs)(V.Fragment,{children:[t.hasExpired&&(0,V.jsx)(a,{children:`Your session has ended. Sign in again to go on.`}),t.token!==null&&(0,V.jsx)(a,{tone:`warning`,children:`You are signed in as an app. Only people can accept an invite.`}),(0,V.jsx)(`p`,{className:L.muted,children:`With an account that you have or a new one: the invite is for whoever has the link, whatever their address.`}),(0,V.jsx)(`div`,{className:L.ways,children:(0,V.jsx)(j,{next:n,isFresh:e})})]})}function q({user:e,onSwitch:t}){return(0,V.jsxs)(`div`,{className:L.who,children:[(0,V.jsxs)(`span`,{className:L.muted,children:[`As `,(0,V.jsx)(`bdi`,{children:e.name}),e.email&&e.email!==e.name&&` (${e.email})`]}),(0,V.jsx)(n,{variant:`quiet`,size:`small`,onPress:t,children:`Use another account`})]})}var J=`link`;function Y({preview:e,user:t,onLinked:r}){let{organizationId:a,organizationName:o}=e,s=e.ssoProvider??`the organization's provider`,{settings:c,session:l}=y(),[u,d]=i(),{run:f,isRunning:p}=O(B),[m,h]=(0,I.useState)(),[g,_]=(0,I.useState)(``),v=(0,I.useRef)(null),b=(0,I.useCallback)(async()=>{let e=await f({input:{organizationId:a}});h(T(e,[])),e.kind===`ok`&&r()},[f,a,r]),x=u.has(J);return(0,I.useEffect)(()=>{x&&v.current!==l.id&&(v.current=l.id,d({},{replace:!0}),b())},[x,l.id,d,b]),(0,V.jsxs)(A,{errors:m,onSubmit:b,children:[(0,V.jsxs)(`p`,{className:L.muted,children:[o,` lets in only people who sign in through `,s,`. Sign in again and choose it at the identity provider: it may be behind “Use your company's account” or a button with its name. Your account here stays the same one.`]}),c.signIn.mint&&!l.lease&&(0,V.jsx)(w,{label:`Key of the provider`,description:`Development only: what the claim idp of the token is to say. It is on the page of single sign-on.`,placeholder:`google`,value:g,onChange:_,isMonospaced:!0}),(0,V.jsx)(D,{user:t,isFresh:!0,proof:{...g&&{idp:g}},developmentLabel:`Sign in through ${s}`,search:`?${J}`,onSignIn:()=>d({[J]:``},{replace:!0}),children:`Sign in through ${s}`}),(0,V.jsx)(`div`,{children:(0,V.jsx)(n,{type:`submit`,size:`small`,isPending:p,children:`I have signed in through it: check again`})})]})}var X={done:`done`,current:`now`,ahead:`later`};function Z({number:e,state:t,title:n,children:r}){return(0,V.jsxs)(`li`,{className:d(L.step,L[t]),"aria-current":t===`current`?`step`:void 0,children:[(0,V.jsx)(`span`,{className:L.mark,"aria-hidden":`true`,children:t===`done`?(0,V.jsx)(C,{size:14}):e}),(0,V.jsxs)(`div`,{className:L.body,children:[(0,V.jsxs)(`h2`,{className:L.title,children:[n,(0,V.jsxs)(`span`,{className:L.hidden,children:[` (`,X[t],`)`]})]}),r]})]})}var Q=[`SIGN_IN`,`ENROLL_TWO_FACTOR`,`VERIFY_EMAIL`,`LINK_SSO`];function $(e,t){let n=Q.filter(n=>n===`SIGN_IN`||e.includes(n)||t.includes(n)),r=n.find(t=>e.includes(t))??`JOIN`;return[...n,`JOIN`].map(t=>({id:t,state:t===r?`current`:t!==`JOIN`&&!e.includes(t)?`done`:`ahead`}))}function ee({organization:e,user:t}){return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsxs)(`p`,{className:L.muted,children:[e,` lets in only people who sign in with a second factor, such as an authenticator app or a security key. Set one up in the security settings of your account at the identity provider, then sign in again with it.`]}),(0,V.jsx)(D,{user:t,isFresh:!0,proof:{mfa:!0},developmentLabel:`Sign in with a second factor`,children:`I have set it up: check again`})]})}function te({organization:e,user:t}){return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsxs)(`p`,{className:L.muted,children:[e,` lets in only people whose address is verified`,t?.email?`, and ${t.email} is not yet`:``,`. Open the mail that your identity provider has sent to that address, or have it sent again in the settings of your account there, and follow its link.`]}),(0,V.jsx)(D,{user:t,proof:{emailVerified:!0},developmentLabel:`Sign in with a verified address`,children:`I have verified it: check again`})]})}function ne({token:e,preview:t,user:n,isReading:r,onChange:i}){let{organizationName:a,organizationSlug:o,inviterName:s,requirements:c}=t,[l,u]=(0,I.useState)([]),[d,f]=(0,I.useState)(!1),[p,h]=(0,I.useState)(!1);c.some(e=>!l.includes(e))&&u([...new Set([...l,...c])]);function g(){h(!0),f(!1),m()}if(n&&(t.isExistingMember||d))return(0,V.jsx)(G,{organization:a,slug:o,name:n.name,onSwitch:g});if(t.isExpired)return(0,V.jsx)(W,{organization:a,inviter:s});let _={SIGN_IN:`Sign in`,ENROLL_TWO_FACTOR:`Set up a second factor`,VERIFY_EMAIL:`Verify your address`,LINK_SSO:`Sign in through ${t.ssoProvider??`your organization`}`,JOIN:`Join ${a}`};function v(o){switch(o){case`SIGN_IN`:return(0,V.jsx)(K,{isSwitching:p});case`ENROLL_TWO_FACTOR`:return(0,V.jsx)(ee,{organization:a,user:n});case`VERIFY_EMAIL`:return(0,V.jsx)(te,{organization:a,user:n});case`LINK_SSO`:return(0,V.jsx)(Y,{preview:t,user:n,onLinked:i});case`JOIN`:return(0,V.jsx)(H,{token:e,organization:a,isReading:r,onInside:()=>f(!0),onRefused:i})}}return(0,V.jsxs)(V.Fragment,{children:[(0,V.jsxs)(`header`,{className:L.head,children:[(0,V.jsx)(E,{avatar:t.organizationAvatar,size:`large`,isSquare:!0}),(0,V.jsxs)(`div`,{children:[(0,V.jsxs)(`h1`,{children:[`Join `,a]}),(0,V.jsxs)(`p`,{className:L.muted,children:[s?`${s} invites you to ${a}`:`You are invited to ${a}`,` `,`as `,t.role.name.toLocaleLowerCase(),`.`]})]})]}),(0,V.jsx)(`ol`,{className:L.steps,children:$(c,l).map(({id:e,state:t},r)=>(0,V.jsxs)(Z,{number:r+1,state:t,title:_[e],children:[t===`current`&&v(e),e===`SIGN_IN`&&t===`done`&&n&&(0,V.jsx)(q,{user:n,onSwitch:g})]},e))}),(0,V.jsxs)(`p`,{className:L.foot,children:[t.role.name,`: `,t.role.description,t.expiresAt&&(0,V.jsxs)(V.Fragment,{children:[` `,`The invite is good until `,(0,V.jsx)(k,{at:t.expiresAt}),`.`]})]})]})}function re(){let{token:e=``}=t(),{settings:n}=y(),[{data:i,error:a,fetching:o},s]=f({query:R,variables:{token:e}}),c=i?.invitePreview,l=c?.organizationName;return(0,I.useEffect)(()=>{document.title=l?`Join ${l} · ${n.productName}`:`Invite · ${n.productName}`},[l,n]),(0,V.jsx)(`main`,{className:L.page,children:(0,V.jsx)(`div`,{className:L.card,children:c?(0,V.jsx)(ne,{token:e,preview:c,user:i.viewer?.user??null,isReading:o,onChange:()=>s({requestPolicy:`network-only`})}):i?(0,V.jsx)(U,{}):a?(0,V.jsx)(b,{failure:g(a),level:1,onRetry:()=>s({requestPolicy:`network-only`})}):(0,V.jsx)(r,{count:4})})})}export{re as Component};