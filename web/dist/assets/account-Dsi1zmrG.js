import{r as e}from"./rolldown-runtime-XKyaHtl9.js";import{Fn as t,Ln as n,On as r,Vn as i,c as a,d as o,kn as s,m as c,p as l,vt as u,wr as d}from"./dialog-CCpx6r1f.js";import{i as f,r as p,t as m}from"./mutation-Ckl1SEfw.js";import{n as h,o as g,t as _}from"./index-BceMC-60.js";import{t as v}from"./segmented-DAaJ9jOB.js";import{t as y}from"./error-state-DOX6461l.js";import{t as b}from"./fragment-masking-DSZC2_uz.js";import{t as x}from"./page-header-L0QUA8UG.js";import{n as S,t as C}from"./avatar-editor-CdaAWNnb.js";import{t as w}from"./avatar-HtA2tk-z.js";import{t as T}from"./badge-mEKoaDR5.js";import{t as E}from"./relative-time-B91wVu1_.js";import{t as D}from"./load-more-CrJWmopg.js";import{t as O}from"./leave-dialog-Cuimj8-7.js";import{t as k}from"./facts-DYBkkCPR.js";var A={name:`monitor`,size:24,node:[[`rect`,{width:`20`,height:`14`,x:`2`,y:`3`,rx:`2`,key:`48i651`}],[`line`,{x1:`8`,x2:`16`,y1:`21`,y2:`21`,key:`1svkeh`}],[`line`,{x1:`12`,x2:`12`,y1:`17`,y2:`21`,key:`vw1qmm`}]]};A.node;var j=t(A),M={name:`moon`,size:24,node:[[`path`,{d:`M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401`,key:`kfwtm`}]]};M.node;var N=t(M),P={name:`sun`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`4`,key:`4exip2`}],[`path`,{d:`M12 2v2`,key:`tus03m`}],[`path`,{d:`M12 20v2`,key:`1lh1kg`}],[`path`,{d:`m4.93 4.93 1.41 1.41`,key:`149t6j`}],[`path`,{d:`m17.66 17.66 1.41 1.41`,key:`ptbguv`}],[`path`,{d:`M2 12h2`,key:`1t8f8n`}],[`path`,{d:`M20 12h2`,key:`1q8mjw`}],[`path`,{d:`m6.34 17.66-1.41 1.41`,key:`1m8zz5`}],[`path`,{d:`m19.07 4.93-1.41 1.41`,key:`1shlcs`}]]};P.node;var F=t(P),I=e(d(),1),L=s();function R(){let[e,t]=(0,I.useState)(h);function n(e){_(e),t(e)}return(0,L.jsx)(v,{label:`Theme`,value:e,onChange:n,options:[{id:`system`,name:`System`,icon:(0,L.jsx)(j,{size:14,"aria-hidden":`true`})},{id:`light`,name:`Light`,icon:(0,L.jsx)(F,{size:14,"aria-hidden":`true`})},{id:`dark`,name:`Dark`,icon:(0,L.jsx)(N,{size:14,"aria-hidden":`true`})}]})}var z={sections:`_sections_wkhe5_1`,list:`_list_wkhe5_7`,row:`_row_wkhe5_12`,texts:`_texts_wkhe5_28`,name:`_name_wkhe5_33`,muted:`_muted_wkhe5_43`,stored:`_stored_wkhe5_48`},B=f(`
  query MyInvites {
    viewer {
      invites(first: 100) {
        nodes {
          id
          status
          expiresAt
          role {
            id
            name
          }
          inviter {
            id
            name
          }
          organization {
            id
            name
            avatar {
              ...AvatarImage
            }
          }
        }
      }
    }
  }
`);function V(){let[{data:e,error:t},r]=i({query:B}),o=e?.viewer?.invites.nodes??[];return(0,L.jsxs)(S,{title:`Invites`,lead:`To your verified address. The link that accepts one is in its mail.`,children:[!e&&t&&(0,L.jsx)(y,{failure:n(t),onRetry:r}),!e&&!t&&(0,L.jsx)(a,{count:1}),e&&o.length===0&&(0,L.jsx)(`p`,{className:z.muted,children:`No invite waits for you.`}),(0,L.jsx)(`ul`,{className:z.list,children:o.map(({id:e,status:t,expiresAt:n,role:r,inviter:i,organization:a})=>(0,L.jsxs)(`li`,{className:z.row,children:[(0,L.jsx)(w,{avatar:a.avatar,isSquare:!0}),(0,L.jsxs)(`div`,{className:z.texts,children:[(0,L.jsx)(`p`,{className:z.name,children:a.name}),(0,L.jsxs)(`p`,{className:z.muted,children:[r.name,i&&`, invited by ${i.name}`]})]}),t===`EXPIRED`?(0,L.jsx)(T,{tone:`warning`,children:`Expired`}):n&&(0,L.jsxs)(`span`,{className:z.muted,children:[`Expires `,(0,L.jsx)(E,{at:n})]})]},e))})]})}var H=f(`
  query MyOrganizations($first: Int!) {
    organizations(first: $first) {
      nodes {
        id
        name
        slug
        avatar {
          ...AvatarImage
        }
        viewerMembership {
          id
          isOnlyOwner
          role {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`),U=25,W=100;function G(){let[e,t]=(0,I.useState)(U),[{data:r,error:o,fetching:s},d]=i({query:H,variables:{first:e}}),[f,p]=(0,I.useState)(null),m=(r?.organizations.nodes??[]).map((e,t)=>({organization:e,requirement:K(o,t)})).filter(({organization:e,requirement:t})=>e.viewerMembership||t);return(0,L.jsxs)(S,{title:`Memberships`,lead:`Where you are a member, and as what.`,children:[!r&&o&&(0,L.jsx)(y,{failure:n(o),onRetry:d}),!r&&!o&&(0,L.jsx)(a,{count:3}),r&&m.length===0&&(0,L.jsx)(`p`,{className:z.muted,children:`You are in no organization yet. To join one, open the link in the mail that invites you.`}),(0,L.jsx)(`ul`,{className:z.list,children:m.map(({organization:e,requirement:t})=>(0,L.jsxs)(`li`,{className:z.row,children:[(0,L.jsx)(w,{avatar:e.avatar,isSquare:!0}),(0,L.jsxs)(`div`,{className:z.texts,children:[(0,L.jsx)(u,{href:l.organization(e.slug),className:z.name??``,children:e.name}),(0,L.jsx)(`p`,{className:z.muted,children:t??e.viewerMembership?.role.name})]}),e.viewerMembership?.isOnlyOwner?(0,L.jsx)(`span`,{className:z.muted,children:`The only owner stays`}):(0,L.jsx)(c,{size:`small`,"aria-label":`Leave ${e.name}`,onPress:()=>p(e),children:`Leave…`})]},e.id))}),(0,L.jsx)(D,{hasMore:r?.organizations.pageInfo.hasNextPage===!0&&e<W,isLoading:s,onLoadMore:()=>t(W)}),f&&(0,L.jsx)(O,{organization:f,isOpen:!0,onClose:()=>p(null),onLeft:()=>p(null)})]})}function K(e,t){let n=[`organizations`,`nodes`,t,`viewerMembership`].join();return e?.graphQLErrors.find(({path:e})=>e?.join()===n)?.message??null}var q=f(`
  fragment ViewerProfile on User {
    id
    name
    email
    isEmailVerified
    hasTwoFactor
    createdAt
    avatar {
      type
      ...AvatarImage
    }
  }
`),J=f(`
  mutation SaveViewerAvatar($input: SaveViewerAvatarInput!) {
    saveViewerAvatar(input: $input) {
      user {
        id
        avatar {
          type
          ...AvatarImage
        }
      }
      userErrors {
        code
        message
        path
      }
    }
  }
`);function Y({user:e,isSuperuser:t,scopes:n}){let r=b(q,e),{run:i,isRunning:a}=p(J);async function s(e){let t=await i({input:e});return t.kind===`ok`&&o(`Saved.`),m(t,[`avatar`,`avatarType`])}return(0,L.jsxs)(L.Fragment,{children:[(0,L.jsx)(S,{title:`You`,lead:`As your identity provider says; it is changed there.`,children:(0,L.jsx)(k,{facts:[[`Name`,r.name],[`Email`,r.email&&(0,L.jsxs)(L.Fragment,{children:[r.email,` `,r.isEmailVerified?(0,L.jsx)(T,{tone:`success`,children:`Verified`}):(0,L.jsx)(T,{tone:`warning`,children:`Not verified`})]})],[`Second factor`,r.hasTwoFactor?(0,L.jsx)(T,{tone:`success`,children:`In use`}):(0,L.jsx)(T,{tone:`warning`,children:`Not in use`})],[`First seen`,(0,L.jsx)(E,{at:r.createdAt},`seen`)],[`Superuser`,t?`You may do everything`:null],[`Limited to`,n?.join(`, `)]]})}),(0,L.jsx)(S,{title:`Avatar`,lead:`What stands for you in lists, for all who see you there.`,children:(0,L.jsx)(C,{avatar:r.avatar,isSaving:a,onSave:s})})]})}function X(){return(0,L.jsx)(S,{title:`In this browser`,lead:`What the console keeps here. It uses no cookies.`,children:(0,L.jsxs)(`ul`,{className:z.stored,children:[(0,L.jsxs)(`li`,{children:[(0,L.jsx)(`strong`,{children:`Your token`}),`, in this tab only: gone when the tab is closed, or when you sign out.`]}),(0,L.jsxs)(`li`,{children:[(0,L.jsx)(`strong`,{children:`The theme`}),`, if you have chosen another than the device's.`]}),(0,L.jsxs)(`li`,{children:[(0,L.jsx)(`strong`,{children:`The organization that you had open last`}),`, by its name in addresses.`]})]})})}var Z=f(`
  query Account {
    viewer {
      isSuperuser
      scopes
      user {
        id
        ...ViewerProfile
      }
    }
  }
`);function Q(){let[{data:e,error:t},o]=i({query:Z});return(0,L.jsxs)(L.Fragment,{children:[(0,L.jsx)(x,{title:`Your account`,actions:(0,L.jsx)(c,{onPress:g,children:`Sign out`})}),!e&&t&&(0,L.jsx)(y,{failure:n(t),onRetry:o}),!e&&!t&&(0,L.jsx)(a,{}),e?.viewer?.user===null&&(0,L.jsx)(r,{title:`This is an app`,children:`You are signed in with the token of an app, which has no account.`}),e?.viewer?.user&&(0,L.jsxs)(`div`,{className:z.sections,children:[(0,L.jsx)(Y,{user:e.viewer.user,isSuperuser:e.viewer.isSuperuser,scopes:e.viewer.scopes}),(0,L.jsx)(G,{}),(0,L.jsx)(V,{}),(0,L.jsx)(S,{title:`Appearance`,lead:`Counts for this browser.`,children:(0,L.jsx)(R,{})}),(0,L.jsx)(X,{})]})]})}export{Q as Component};