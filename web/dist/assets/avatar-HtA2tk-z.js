import{Fn as e,jn as t,kn as n}from"./dialog-CCpx6r1f.js";import{t as r}from"./fragment-masking-DSZC2_uz.js";import{i}from"./mutation-Ckl1SEfw.js";var a={name:`mail`,size:24,node:[[`path`,{d:`m22 7-8.991 5.727a2 2 0 0 1-2.009 0L2 7`,key:`132q7q`}],[`rect`,{x:`2`,y:`4`,width:`20`,height:`16`,rx:`2`,key:`izxlao`}]]};a.node;var o=e(a),s={avatar:`_avatar_18mhd_1`,none:`_none_18mhd_13`,square:`_square_18mhd_18`,small:`_small_18mhd_28`,medium:`_medium_18mhd_34`,large:`_large_18mhd_40`},c=n(),l=i(`
  fragment AvatarImage on Avatar {
    color
    initials
    url(size: 120)
  }
`);function u({avatar:e,size:n=`medium`,isSquare:i}){let{color:a,initials:o,url:u}=r(l,e),d=u&&new URL(u,location.href).origin===location.origin?u:null;return(0,c.jsx)(`span`,{className:t(s.avatar,s[n],i&&s.square),style:d?void 0:{background:a},"aria-hidden":`true`,children:d?(0,c.jsx)(`img`,{src:d,alt:``,loading:`lazy`}):o})}function d({size:e=`medium`}){return(0,c.jsx)(`span`,{className:t(s.avatar,s.none,s[e]),"aria-hidden":`true`,children:(0,c.jsx)(o,{size:e===`large`?22:14})})}export{d as n,u as t};