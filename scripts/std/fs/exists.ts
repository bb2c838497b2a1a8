/** What the path must be, besides being there. */
export interface ExistsOptions {
  isDirectory?: boolean;
  isFile?: boolean;
}

/** Whether a file or directory is at the path. */
export async function exists(
  path: string | URL,
  options: ExistsOptions = {},
): Promise<boolean> {
  try {
    const info = await Deno.stat(path);
    if (options.isDirectory && !info.isDirectory) return false;
    if (options.isFile && !info.isFile) return false;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
