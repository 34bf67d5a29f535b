export * from './column-type.ts';
export * from './derive.ts';
export * from './model.ts';
export * from './quote-identifier.ts';
export * from './source-table.ts';
export * as star from './star.ts';
export * as totesys from './totesys.ts';
export * from './warehouse-ddl.ts';
export * from './warehouse-table.ts';
