namespace Koopman.Flows

open TorchSharp
open Koopman

/// The same operator at each of many sites: on [x, F], channel by channel, it is A ⊗ 1 with the operator A of one site and the identity on sites.
[<Sealed>]
type internal SiteGenerator(sites: int, inner: LiftOperator) =
    inherit LiftOperator(sites * inner.Dimension, sites * inner.Features)

    /// (…, channels·sites) as (…, sites, channels).
    let apart (numbers: Tensor) : Tensor =
        let shape = numbers.shape
        let last = shape.Length - 1

        let grid =
            Array.append shape[.. last - 1] [| shape[last] / int64 sites; int64 sites |]

        numbers.reshape(grid).transpose(-2L, -1L)

    let together (numbers: Tensor) : Tensor =
        let shape = numbers.shape
        let last = shape.Length - 1

        numbers.transpose(-2L, -1L).reshape(Array.append shape[.. last - 2] [| shape[last - 1] * shape[last] |])

    /// Rows at all sites: times are those of the row.
    let rowsApart (z: LiftedState) : LiftedState =
        let time = z.Time.unsqueeze -2L
        let shape = time.shape
        shape[shape.Length - 2] <- int64 sites

        {
            Constant = z.Constant
            Time = time.expand shape
            Point = apart z.Point
            Features = apart z.Features
        }

    let rowsTogether (z: LiftedState) : LiftedState =
        {
            Constant = z.Constant
            Time = z.Time.select (-2L, 0L)
            Point = together z.Point
            Features = together z.Features
        }

    override _.Shape = EverySite(sites, inner.Shape)
    override _.Sites = sites
    override _.AtSite = inner
    override _.Parameters = inner.Parameters
    override _.ToSites(numbers: Tensor) = apart numbers
    override _.OfSites(numbers: Tensor) = together numbers

    override _.Matrix() : Tensor =
        Tensors.keep (fun () ->
            let small = inner.Matrix()
            let k, s = small.shape[0] - 2L, int64 sites
            let unit = torch.eye (s, dtype = small.dtype, device = small.device)
            let free = small.narrow (1L, 2L, k)

            let driven =
                free.narrow(0L, 0L, 2L).unsqueeze(2L).expand(2L, k, s).reshape(2L, k * s)

            let block =
                (free.narrow(0L, 2L, k).reshape(k, 1L, k, 1L) * unit.reshape (1L, s, 1L, s)).reshape(k * s, k * s)

            let nothing = torch.zeros (k * s, 2L, dtype = small.dtype, device = small.device)

            torch.cat (
                [|
                    torch.cat ([| small.narrow(0L, 0L, 2L).narrow(1L, 0L, 2L); driven |], 1L)
                    torch.cat ([| nothing; block |], 1L)
                |],
                0L
            ))

    override _.Rate(z: LiftedState) : LiftedState = rowsTogether (inner.Rate(rowsApart z))

    override _.Advance(z: LiftedState, tau: Tensor) : LiftedState =
        rowsTogether (inner.Advance(rowsApart z, tau.unsqueeze -2L))

    override _.Position(z: LiftedState, tau: Tensor) : Tensor =
        together (inner.Position(rowsApart z, tau.unsqueeze -2L))

    override _.Speed(z: LiftedState, tau: Tensor) : Tensor =
        together (inner.Speed(rowsApart z, tau.unsqueeze -2L))

    override _.Read(z: LiftedState, columns: Tensor[]) : Tensor =
        let rows = (rowsApart z).Rows
        torch.stack (columns |> Array.map (fun some -> together (rows.times some)), 0L)

    override _.With(values: Tensor list) : LiftOperator =
        new SiteGenerator(sites, inner.With values)
