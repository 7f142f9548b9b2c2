import clsx from "clsx";
import { LoaderCircle } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { Tooltip } from "./tooltip";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger";
export type ButtonSize = "sm" | "md" | "lg";

const variants: Record<ButtonVariant, string> = {
  primary: "border-accent bg-accent text-accent-text hover:bg-accent-hover hover:border-accent-hover",
  secondary: "border-line-strong bg-surface text-text hover:bg-hover",
  ghost: "border-transparent bg-transparent text-muted hover:bg-hover hover:text-text",
  danger: "border-bad bg-bad text-bad-text hover:bg-bad-hover hover:border-bad-hover",
};
const sizes: Record<ButtonSize, string> = {
  sm: "h-6 gap-1 px-2 text-12",
  md: "h-[30px] gap-1.5 px-3 text-13",
  lg: "h-9 gap-2 px-4 text-14",
};

/** Classes of a button, for what must look like one and is something else. */
export function buttonClass(variant: ButtonVariant = "secondary", size: ButtonSize = "md", extra?: string): string {
  return clsx(
    "inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-md border font-medium transition-colors",
    "disabled:pointer-events-none disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
    variants[variant],
    sizes[size],
    extra,
  );
}

interface ButtonLook {
  variant?: ButtonVariant;
  size?: ButtonSize;
  icon?: ReactNode;
}

/** A button. `busy` shows that its work goes on and keeps it from a second press. */
export function Button({
  variant,
  size,
  icon,
  busy = false,
  className,
  children,
  disabled,
  ...rest
}: ComponentProps<"button"> & ButtonLook & { busy?: boolean }) {
  return (
    <button
      type="button"
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      className={buttonClass(variant, size, className)}
      {...rest}
    >
      {busy ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  variant,
  size,
  icon,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & ButtonLook) {
  return (
    <Link className={buttonClass(variant, size, className)} {...rest}>
      {icon}
      {children}
    </Link>
  );
}

/** A button of one icon; its label is read out and shown on hover. */
export function IconButton({
  label,
  variant = "ghost",
  size = "md",
  shortcut,
  side,
  className,
  children,
  ...rest
}: ComponentProps<"button"> & {
  label: string;
  variant?: ButtonVariant;
  size?: ButtonSize;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
}) {
  const square = { sm: "w-6 !px-0", md: "w-[30px] !px-0", lg: "w-9 !px-0" }[size];
  return (
    <Tooltip content={label} shortcut={shortcut} side={side}>
      <button
        type="button"
        aria-label={label}
        className={buttonClass(variant, size, clsx(square, className))}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  );
}
