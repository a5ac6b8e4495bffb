"""The same rows by reportlab (a PDF with a heading, a repeated header and page numbers) or openpyxl (write-only mode)."""

import datetime
import json
import sys


def rows(path):
    with open(path, encoding="utf-8") as file:
        made = json.load(file)["activity"]["made"]
    for job in made:
        at = datetime.datetime.fromisoformat(job["at"].replace("Z", "+00:00")).replace(tzinfo=None)
        yield [at, job["name"], job["kind"], job.get("media_seconds"), job.get("pages"), job["bytes"], job["seconds"],
               job["job"]]


HEAD = ["Quando", "Resultado", "Tipo", "Mídia", "Páginas", "Tamanho", "Duração", "Trabalho"]


def pdf(dataset, out):
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, TableStyle

    styles = getSampleStyleSheet()
    small = styles["BodyText"]
    small.fontSize, small.leading = 8, 10
    cells = [HEAD[:7]]
    for at, name, kind, media, pages, size, seconds, _ in rows(dataset):
        named = Paragraph(f"{name}<br/><font size=7 color=grey>{kind}</font>", small)
        cells.append([f"{at:%d/%m/%Y %H:%M}", named, "", media or "", pages or "", f"{size:,}", f"{seconds:.1f} s"])
    table = LongTable(cells, colWidths=[80, 190, 5, 50, 45, 75, 55], repeatRows=1)
    table.setStyle(TableStyle([
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey),
    ]))

    def number(canvas, document):
        canvas.setFont("Helvetica", 7)
        canvas.drawRightString(A4[0] - 50, 30, f"Página {document.page}")

    document = SimpleDocTemplate(out, pagesize=A4, title="Relatório de atividade")
    document.build([Paragraph("Relatório de atividade", styles["Title"]), table], onFirstPage=number, onLaterPages=number)


def xlsx(dataset, out):
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("O que foi feito")
    sheet.freeze_panes = "A2"
    sheet.append(HEAD)
    formats = ["dd/mm/yyyy hh:mm", None, None, "0.0", "#,##0", "#,##0", "0.0", None]
    for row in rows(dataset):
        cells = []
        for value, form in zip(row, formats):
            cell = WriteOnlyCell(sheet, value=value)
            if form:
                cell.number_format = form
            cells.append(cell)
        sheet.append(cells)
    book.save(out)


if __name__ == "__main__":
    {"reportlab": pdf, "openpyxl": xlsx}[sys.argv[1]](sys.argv[2], sys.argv[3])
