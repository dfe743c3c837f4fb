import{Vr as e,br as t,dr as n,zr as r}from"./index-BYJYKF1t.js";import{$ as i,A as a,y as o}from"./shared-Bsbl8N4a.js";var s=e(r(),1),c=n(),l=i(`
  query TeamChoices($slug: String!, $query: String) {
    organization(slug: $slug) {
      id
      teams(first: 50, filter: { query: $query }) {
        nodes {
          id
          name
          slug
        }
      }
    }
  }
`);function u({value:e,onChange:n,without:r=[],...i}){let{slug:u}=a(),[d,f]=(0,s.useState)(null),[{data:p,fetching:m}]=t({query:l,variables:{slug:u,query:d}}),h=p?.organization?.teams.nodes??[],g=h.filter(e=>!r.includes(e.slug)).map(e=>({id:e.slug,name:e.name,description:e.slug}));function _(e){n(e,h.find(t=>t.slug===e)?.name??``),f(null)}return(0,c.jsx)(o,{...i,isFiltered:!0,options:g,value:e,onChange:_,inputValue:d??e??``,onInputChange:f,nothing:m?`Looking…`:`No such team`})}export{u as t};