import { describe, expect, it, vi } from "vitest";
import { askedOnce, NotGiven } from "./asked-once.ts";

describe("askedOnce", () => {
  it("asks once for all who need it", async () => {
    const ask = vi.fn(async () => "page");
    const page = askedOnce(ask);
    expect(page()).toBe(page());
    expect(await page()).toBe("page");
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("keeps a failure until it is forgotten, and asks again then", async () => {
    const ask = vi.fn(async () => "page").mockRejectedValueOnce(new TypeError("Failed to fetch"));
    const page = askedOnce(ask);
    const failure = await page().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotGiven);
    await expect(page()).rejects.toBe(failure);
    expect(ask).toHaveBeenCalledTimes(1);

    if (failure instanceof NotGiven) failure.forget();
    expect(await page()).toBe("page");
  });
});
