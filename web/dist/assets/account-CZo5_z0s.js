import{K as e,L as t,V as n,Vr as r,W as i,Yt as a,br as o,d as s,dr as c,hr as l,ir as u,lr as d,n as f,t as p,z as m,zr as h}from"./index-BYJYKF1t.js";import{$ as g,I as _,J as v,L as y,P as b,Q as x,R as S,X as C,Z as w,tt as T,z as E}from"./shared-Bsbl8N4a.js";import{n as D,t as O}from"./avatar-editor-B3vIe0td.js";import{t as k}from"./leave-dialog-DRwxHSKn.js";var A={name:`monitor`,size:24,node:[[`rect`,{width:`20`,height:`14`,x:`2`,y:`3`,rx:`2`,key:`48i651`}],[`line`,{x1:`8`,x2:`16`,y1:`21`,y2:`21`,key:`1svkeh`}],[`line`,{x1:`12`,x2:`12`,y1:`17`,y2:`21`,key:`vw1qmm`}]]};A.node;var j=d(A),M={name:`moon`,size:24,node:[[`path`,{d:`M20.985 12.486a9 9 0 1 1-9.473-9.472c.405-.022.617.46.402.803a6 6 0 0 0 8.268 8.268c.344-.215.825-.004.803.401`,key:`kfwtm`}]]};M.node;var N=d(M),P={name:`sun`,size:24,node:[[`circle`,{cx:`12`,cy:`12`,r:`4`,key:`4exip2`}],[`path`,{d:`M12 2v2`,key:`tus03m`}],[`path`,{d:`M12 20v2`,key:`1lh1kg`}],[`path`,{d:`m4.93 4.93 1.41 1.41`,key:`149t6j`}],[`path`,{d:`m17.66 17.66 1.41 1.41`,key:`ptbguv`}],[`path`,{d:`M2 12h2`,key:`1t8f8n`}],[`path`,{d:`M20 12h2`,key:`1q8mjw`}],[`path`,{d:`m6.34 17.66-1.41 1.41`,key:`1m8zz5`}],[`path`,{d:`m19.07 4.93-1.41 1.41`,key:`1shlcs`}]]};P.node;var F=d(P),I=r(h(),1),L=c();function R(){let[e,t]=(0,I.useState)(f);function n(e){p(e),t(e)}return(0,L.jsx)(E,{label:`Theme`,value:e,onChange:n,options:[{id:`system`,name:`System`,icon:(0,L.jsx)(j,{size:14,"aria-hidden":`true`})},{id:`light`,name:`Light`,icon:(0,L.jsx)(F,{size:14,"aria-hidden":`true`})},{id:`dark`,name:`Dark`,icon:(0,L.jsx)(N,{size:14,"aria-hidden":`true`})}]})}var z={sections:`_sections_wkhe5_1`,list:`_list_wkhe5_7`,row:`_row_wkhe5_12`,texts:`_texts_wkhe5_28`,name:`_name_wkhe5_33`,muted:`_muted_wkhe5_43`,stored:`_stored_wkhe5_48`},B=g(`
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
`);function V(){let[{data:e,error:n},r]=o({query:B}),i=e?.viewer?.invites.nodes??[];return(0,L.jsxs)(D,{title:`Invites`,lead:`To your verified address. The link that accepts one is in its mail.`,children:[!e&&n&&(0,L.jsx)(m,{failure:l(n),onRetry:r}),!e&&!n&&(0,L.jsx)(t,{count:1}),e&&i.length===0&&(0,L.jsx)(`p`,{className:z.muted,children:`No invite waits for you.`}),i.length>0&&(0,L.jsx)(`ul`,{className:z.list,children:i.map(({id:e,status:t,expiresAt:n,role:r,inviter:i,organization:a})=>(0,L.jsxs)(`li`,{className:z.row,children:[(0,L.jsx)(x,{avatar:a.avatar,isSquare:!0}),(0,L.jsxs)(`div`,{className:z.texts,children:[(0,L.jsx)(`p`,{className:z.name,children:a.name}),(0,L.jsxs)(`p`,{className:z.muted,children:[r.name,i&&`, invited by ${i.name}`]})]}),t===`EXPIRED`?(0,L.jsx)(y,{tone:`warning`,children:`Expired`}):n&&(0,L.jsxs)(`span`,{className:z.muted,children:[`Expires `,(0,L.jsx)(w,{at:n})]})]},e))})]})}var H=g(`
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
`),U=25,W=100;function G(){let[n,r]=(0,I.useState)(U),[{data:s,error:c,fetching:u},d]=o({query:H,variables:{first:n}}),[f,p]=(0,I.useState)(null),h=(s?.organizations.nodes??[]).map((e,t)=>({organization:e,requirement:K(c,t)})).filter(({organization:e,requirement:t})=>e.viewerMembership||t);return(0,L.jsxs)(D,{title:`Memberships`,lead:`Where you are a member, and as what.`,children:[!s&&c&&(0,L.jsx)(m,{failure:l(c),onRetry:d}),!s&&!c&&(0,L.jsx)(t,{count:3}),s&&h.length===0&&(0,L.jsx)(`p`,{className:z.muted,children:`You are in no organization yet. To join one, open the link in the mail that invites you.`}),h.length>0&&(0,L.jsx)(`ul`,{className:z.list,children:h.map(({organization:t,requirement:n})=>(0,L.jsxs)(`li`,{className:z.row,children:[(0,L.jsx)(x,{avatar:t.avatar,isSquare:!0}),(0,L.jsxs)(`div`,{className:z.texts,children:[(0,L.jsx)(a,{href:i.organization(t.slug),className:z.name??``,children:t.name}),(0,L.jsx)(`p`,{className:z.muted,children:n??t.viewerMembership?.role.name})]}),t.viewerMembership?.isOnlyOwner?(0,L.jsx)(`span`,{className:z.muted,children:`The only owner stays`}):(0,L.jsx)(e,{size:`small`,"aria-label":`Leave ${t.name}`,onPress:()=>p(t),children:`Leave…`})]},t.id))}),(0,L.jsx)(_,{hasMore:s?.organizations.pageInfo.hasNextPage===!0&&n<W,isLoading:u,onLoadMore:()=>r(W)}),f&&(0,L.jsx)(k,{organization:f,isOpen:!0,onClose:()=>p(null),onLeft:()=>p(null)})]})}function K(e,t){let n=[`organizations`,`nodes`,t,`viewerMembership`].join();return e?.graphQLErrors.find(({path:e})=>e?.join()===n)?.message??null}var q=g(`
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
`),J=g(`
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
`);function Y({user:e,isSuperuser:t,scopes:r}){let i=T(q,e),{run:a,isRunning:o}=C(J);async function s(e){let t=await a({input:e});return t.kind===`ok`&&n(`Saved.`),v(t,[`avatar`,`avatarType`])}return(0,L.jsxs)(L.Fragment,{children:[(0,L.jsx)(D,{title:`You`,lead:`As your identity provider says; it is changed there.`,children:(0,L.jsx)(b,{facts:[[`Name`,i.name],[`Email`,i.email&&(0,L.jsxs)(L.Fragment,{children:[i.email,` `,i.isEmailVerified?(0,L.jsx)(y,{tone:`success`,children:`Verified`}):(0,L.jsx)(y,{tone:`warning`,children:`Not verified`})]})],[`Second factor`,i.hasTwoFactor?(0,L.jsx)(y,{tone:`success`,children:`In use`}):(0,L.jsx)(y,{tone:`warning`,children:`Not in use`})],[`First seen`,(0,L.jsx)(w,{at:i.createdAt},`seen`)],[`Superuser`,t?`You may do everything`:null],[`Limited to`,r?.join(`, `)]]})}),(0,L.jsx)(D,{title:`Avatar`,lead:`What stands for you in lists, for all who see you there.`,children:(0,L.jsx)(O,{avatar:i.avatar,isSaving:o,onSave:s})})]})}function X(){return(0,L.jsx)(D,{title:`In this browser`,lead:`What the console keeps here. It uses no cookies.`,children:(0,L.jsxs)(`ul`,{className:z.stored,children:[(0,L.jsxs)(`li`,{children:[(0,L.jsx)(`strong`,{children:`Your token`}),`, in this tab only: gone when the tab is closed, or when you sign out.`]}),(0,L.jsxs)(`li`,{children:[(0,L.jsx)(`strong`,{children:`The theme`}),`, if you have chosen another than the device's.`]}),(0,L.jsxs)(`li`,{children:[(0,L.jsx)(`strong`,{children:`The organization that you had open last`}),`, by its name in addresses.`]})]})})}var Z=g(`
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
`);function Q(){let[{data:n,error:r},i]=o({query:Z});return(0,L.jsxs)(L.Fragment,{children:[(0,L.jsx)(S,{title:`Your account`,actions:(0,L.jsx)(e,{onPress:s,children:`Sign out`})}),!n&&r&&(0,L.jsx)(m,{failure:l(r),onRetry:i}),!n&&!r&&(0,L.jsx)(t,{}),n?.viewer?.user===null&&(0,L.jsx)(u,{title:`This is an app`,children:`You are signed in with the token of an app, which has no account.`}),n?.viewer?.user&&(0,L.jsxs)(`div`,{className:z.sections,children:[(0,L.jsx)(Y,{user:n.viewer.user,isSuperuser:n.viewer.isSuperuser,scopes:n.viewer.scopes}),(0,L.jsx)(G,{}),(0,L.jsx)(V,{}),(0,L.jsx)(D,{title:`Appearance`,lead:`Counts for this browser.`,children:(0,L.jsx)(R,{})}),(0,L.jsx)(X,{})]})]})}export{Q as Component};