import { answerShop } from "@/server/examples/shop-door";

export const dynamic = "force-dynamic";

function handle(request: Request): Promise<Response> {
  return answerShop(request);
}

export { handle as DELETE, handle as GET, handle as POST };
