import { ChevronsUpDown, Plus } from "lucide-react";
import { useState } from "react";
import {
  Button as AriaButton,
  Autocomplete,
  Dialog,
  DialogTrigger,
  ListBox,
  ListBoxItem,
} from "react-aria-components";
import { useQuery } from "urql";
import type { ShellQuery } from "../gql/graphql.ts";
import { graphql } from "../gql/index.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { classNames } from "../ui/class-names.ts";
import popoverStyles from "../ui/popover.module.css";
import { Popover } from "../ui/popover.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { CreateOrganizationDialog } from "./create-organization-dialog.tsx";
import styles from "./organization-switcher.module.css";
import { paths } from "./paths.ts";

const OrganizationChoices = graphql(`
  query OrganizationChoices($query: String) {
    organizations(first: 50, filter: { query: $query }) {
      nodes {
        id
        name
        slug
        avatar {
          ...AvatarImage
        }
      }
    }
  }
`);

export interface OrganizationSwitcherProps {
  current: ShellQuery["organization"] | null;
  canCreate: boolean;
}

/** Which organization is open, and the others to go to: one's own, or for superusers all. */
export function OrganizationSwitcher({ current, canCreate }: OrganizationSwitcherProps) {
  const [isOpen, setOpen] = useState(false);
  const [isCreating, setCreating] = useState(false);

  return (
    <>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <AriaButton className={classNames(styles.trigger)}>
          {current && <Avatar avatar={current.avatar} isSquare />}
          <span className={styles.name}>{current?.name ?? "Choose an organization"}</span>
          <ChevronsUpDown size={16} aria-hidden="true" />
        </AriaButton>
        <Popover placement="bottom start">
          <Dialog aria-label="Organizations">
            <Choices currentId={current?.id} onChoose={() => setOpen(false)} />
            {canCreate && (
              <div className={styles.foot}>
                <Button
                  variant="quiet"
                  onPress={() => {
                    setOpen(false);
                    setCreating(true);
                  }}
                >
                  <Plus size={16} aria-hidden="true" />
                  Create an organization
                </Button>
              </div>
            )}
          </Dialog>
        </Popover>
      </DialogTrigger>
      <CreateOrganizationDialog isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  );
}

function Choices({ currentId, onChoose }: { currentId: string | undefined; onChoose: () => void }) {
  const [query, setQuery] = useState("");
  const [{ data, fetching }] = useQuery({
    query: OrganizationChoices,
    variables: { query: query || null },
  });

  return (
    <Autocomplete inputValue={query} onInputChange={setQuery}>
      <div className={styles.search}>
        <SearchField label="Find an organization" placeholder="Find…" autoFocus />
      </div>
      <ListBox
        aria-label="Organizations"
        items={data?.organizations.nodes ?? []}
        selectionMode="none"
        onAction={onChoose}
        className={classNames(styles.list)}
        renderEmptyState={() => (
          <div className={popoverStyles.nothing}>{fetching ? "Looking…" : "Nothing found"}</div>
        )}
      >
        {(organization) => (
          <ListBoxItem
            id={organization.id}
            href={paths.organization(organization.slug)}
            textValue={organization.name}
            aria-current={organization.id === currentId}
            className={classNames(popoverStyles.item)}
          >
            <Avatar avatar={organization.avatar} size="small" isSquare />
            <span className={popoverStyles.texts}>
              {organization.name}
              <span className={popoverStyles.note}>{organization.slug}</span>
            </span>
          </ListBoxItem>
        )}
      </ListBox>
    </Autocomplete>
  );
}
