/** The value of a setting, with its unit. */
export interface SettingValue {
  readonly value: string;
}

/** Selects the value of setting $1. */
export const selectSetting = 'select current_setting($1::text) as value';

/** Sets setting $1 to value $2 until the end of the transaction. */
export const setLocal = 'select set_config($1::text, $2::text, true)';

/** Raises the memory for index builds to $1, as text with a unit, unless it is as high already. */
export const raiseMaintenanceMemory = `select set_config('maintenance_work_mem', $1::text, true)
   where pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes($1::text)`;
