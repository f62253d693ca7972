namespace Koopman.Tests

open System
open System.Threading.Tasks
open Expecto
open Koopman

/// Who holds what: freed once, with the last holder, whatever the order.
module SharedTests =

    type private Probe() =
        inherit Shared()
        member val Freed = 0 with get, set
        override this.Free() : unit = this.Freed <- this.Freed + 1

    let tests: Test =
        testList
            "Shared objects"
            [
                testCase "are freed with their maker's hold if nothing else holds them" (fun () ->
                    let probe = new Probe()
                    probe.Dispose()
                    Expect.equal probe.Freed 1 "freed")

                for order in [ [ 0; 1; 2 ]; [ 2; 1; 0 ]; [ 1; 0; 2 ]; [ 2; 0; 1 ] ] do
                    testCase $"are freed by the last of three to let go, in the order {order}" (fun () ->
                        let probe = new Probe()
                        let holders = [| probe :> IDisposable; probe.Hold(); probe.Hold() |]

                        for i, holder in List.indexed order do
                            holders[holder].Dispose()
                            holders[holder].Dispose()
                            Expect.equal probe.Freed (if i = 2 then 1 else 0) $"after {i + 1}")

                testCase "cannot be held once they are freed" (fun () ->
                    let probe = new Probe()
                    probe.Dispose()

                    Expect.throwsT<ObjectDisposedException> (fun () -> probe.Hold() |> ignore) "refused"
                    Expect.equal probe.Freed 1 "once")

                testCase "are freed once when holders let go on many threads" (fun () ->
                    let probe = new Probe()
                    let holders = Array.init 1000 (fun _ -> probe.Hold())

                    Parallel.ForEach(holders, (fun (holder: IDisposable) -> holder.Dispose()))
                    |> ignore

                    Expect.equal probe.Freed 0 "the maker still holds it"
                    probe.Dispose()
                    Expect.equal probe.Freed 1 "freed")
            ]
