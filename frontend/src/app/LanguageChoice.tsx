import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { Check, Languages } from "lucide-react";
import { DropdownMenu } from "radix-ui";

import { chooseLanguage, type Language, LANGUAGES } from "@/i18n/language";

/** The languages in the user's menu, each by its own name; choosing one loads the page anew. */
export function LanguageChoice() {
  return (
    <>
      <DropdownMenu.Separator className="menu-line" />
      <DropdownMenu.Label className="menu-label">{t`Language`}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup
        value={i18n.locale}
        onValueChange={(value) => chooseLanguage(value as Language)}
      >
        {LANGUAGES.map(({ code, name }) => (
          <DropdownMenu.RadioItem key={code} value={code} lang={code} className="menu-item">
            <Languages size={15} aria-hidden />
            {name}
            {i18n.locale === code ? (
              <Check size={15} className="menu-check" aria-hidden />
            ) : null}
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}
