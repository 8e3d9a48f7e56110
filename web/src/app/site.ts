/** The pages around meetings, in one file that those who come by a meeting's link don't wait for. */

export { HomePage } from "../pages/HomePage";
export { MissingPage } from "../pages/MissingPage";
export { SignInPage, SignUpPage } from "../pages/SignPages";
export { Layout } from "./Layout";
