import { Search } from "lucide-react";
import { useEffect, useState } from "react";

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  id?: string;
}

const SETTLE_MS = 200;

/** A search box that tells its value once the reader pauses. */
export function SearchField({ label, placeholder, value, onChange, id }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    // The address changed by other means (back, a saved view): show that.
    setTold(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <label className="input-with-icon search-field">
      <span className="visually-hidden">{label}</span>
      <Search size={14} aria-hidden />
      <input
        {...(id === undefined ? {} : { id })}
        type="search"
        className="input"
        placeholder={placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // Back to the list: Enter keeps the words, Escape clears them first.
          if (event.key === "Enter" || (event.key === "Escape" && text === "")) {
            event.currentTarget.blur();
          } else if (event.key === "Escape") {
            setText("");
          }
        }}
      />
    </label>
  );
}
