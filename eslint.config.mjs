import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'eslint.config.mjs',
      'node_modules',
      '.venv',
      '.cache',
      'dist',
      'site',
      'runs',
      'reports',
      'figures',
      'bench/out',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    // What the TypeScript projects check.
    files: ['**/*.{ts,mts}', 'src/{cli,lib}/**/*.js', '{environment,.ci,test}/**/*.{mjs,cjs}'],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      parserOptions: {
        project: [
          'tsconfig.json',
          'tsconfig.build.json',
          'environment/tsconfig.json',
          'src/viz/inspect/tsconfig.json',
          'src/viz/widgets/tsconfig.json',
        ],
      },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // CommonJS modules that must load at a chosen moment are required.
      '@typescript-eslint/no-require-imports': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  {
    // What these write to the console is their output.
    files: ['{src/cli,src/viz/notebook,environment,.ci,bench,test/fixtures}/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // Old versions of Node read this one, to say that they are too old.
    files: ['environment/node-version.cjs'],
    rules: { 'no-var': 'off' },
  },
);
