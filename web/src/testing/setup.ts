/** Runs before each test file: unmounts what testing-library rendered. */

import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(() => cleanup());
