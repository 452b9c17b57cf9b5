const { globalIgnores } = require("eslint/config");
const tseslint = require("typescript-eslint");

module.exports = tseslint.config(
  globalIgnores(["**/dist", "**/node_modules", "docs/api"]),
  {
    files: ["**/*.ts", "**/*.mts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          "packages/*/tsconfig.json",
          "test/tsconfig.json",
          "examples/tsconfig.json",
        ],
        tsconfigRootDir: __dirname,
      },
    },
    rules: {
      // The one rule this project cannot do without: a lost rejection is a hung rank.
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { disallowTypeAnnotations: false },
      ],
      // Indexing is guarded by loops and lengths here; the alternative is noise in every kernel.
      "@typescript-eslint/no-non-null-assertion": "off",
      // An interface of asynchronous methods has members that happen to need no await.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
    },
  },
);
